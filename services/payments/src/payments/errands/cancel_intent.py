"""Make a payment's intent unpayable at Stripe."""

from shared.commands import Commands

from payments.adapters.stripe_gateway import StripeGateway, StripeRefused
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.commands.prepare_intent import LeasePayment
from payments.domain.payment import Payment
from payments.errands.make_intent import IntentMaker


class IntentCanceller:
    """Cancels intents. It may be repeated at any point."""

    def __init__(self, commands: Commands, gateway: StripeGateway, maker: IntentMaker) -> None:
        self._commands = commands
        self._gateway = gateway
        self._maker = maker

    async def cancel(self, payment: Payment) -> None:
        """Makes the payment's intent unpayable; if it was paid meanwhile, that is applied instead."""
        intent_id = payment.intent_id or await self._made_after_all(payment)
        if intent_id is None:
            return
        try:
            facts = await self._gateway.cancel_intent(intent_id)
        except StripeRefused:
            facts = (await self._gateway.retrieve_intent(intent_id)).facts
        await self._commands.execute(ApplyPaymentIntent(facts))

    async def _made_after_all(self, payment: Payment) -> str | None:
        """An intent that nobody knows to exist can't be cancelled: the same key brings it to light or makes it."""
        leased = await self._commands.execute(LeasePayment(payment.id))
        if leased is None:
            return None
        try:
            return (await self._maker.make(leased)).facts.id
        except StripeRefused:
            return None
