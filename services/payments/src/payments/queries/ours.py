"""Whether something at Stripe is ours: the account may be somebody else's too, who makes things there."""

from shared.db.engine import Database
from sqlalchemy import bindparam, select

from payments.adapters.card_tables import saved_cards
from payments.adapters.tables import payments

_INTENT = select(payments.c.id).where(payments.c.stripe_payment_intent_id == bindparam("intent_id"))
_CARD = select(saved_cards.c.id).where(saved_cards.c.stripe_payment_method_id == bindparam("method_id"))


async def has_intent(database: Database, intent_id: str) -> bool:
    """Whether a payment has this intent."""
    return await database.fetch_one(_INTENT, {"intent_id": intent_id}) is not None


async def has_card(database: Database, method_id: str) -> bool:
    """Whether a customer has saved this card, removed or not."""
    return await database.fetch_one(_CARD, {"method_id": method_id}) is not None
