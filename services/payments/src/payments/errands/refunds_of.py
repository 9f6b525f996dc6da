"""Take over what Stripe tells of a payment's refunds."""

from shared.commands import Commands
from shared.db.engine import Database

from payments.adapters.stripe_gateway import StripeGateway
from payments.commands.apply_refund import ApplyRefund
from payments.domain.errors import PaymentNotFound
from payments.queries.payments import payment_of_intent


async def apply_refunds_of(intent_id: str, commands: Commands, database: Database, gateway: StripeGateway) -> None:
    """Applies each of them, those made in Stripe's dashboard too; nothing for somebody else's intent."""
    try:
        await payment_of_intent(database, intent_id)
    except PaymentNotFound:
        return
    for refund in await gateway.refunds_of(intent_id):
        await commands.execute(ApplyRefund(refund))
