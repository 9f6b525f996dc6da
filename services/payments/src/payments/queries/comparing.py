"""What is to be compared with Stripe."""

from datetime import datetime

from shared.db.engine import Database
from sqlalchemy import select

from payments.adapters.dispute_tables import disputes
from payments.adapters.repository import PAYMENTS, payment_of
from payments.adapters.tables import payments, refunds
from payments.domain.facts import IntentFacts
from payments.domain.payment import Payment

_MOST = 5_000


async def captured_since(database: Database, since: datetime) -> list[Payment]:
    """Payments whose money came in since then."""
    captured = PAYMENTS.where(payments.c.captured_cents > 0, payments.c.processed_at >= since)
    return [payment_of(row) for row in await database.fetch_all(captured.limit(_MOST))]


async def intents_known(database: Database, facts: IntentFacts) -> bool:
    """Whether the payment of a final intent stands here as it does at Stripe, or is for people to settle."""
    this = payments.c.stripe_payment_intent_id == facts.id
    is_for_people = payments.c.parked_at.is_not(None) | payments.c.dismissed_at.is_not(None)
    row = await database.fetch_one(
        select(payments.c.captured_cents, payments.c.status, is_for_people.label("is_for_people")).where(this)
    )
    if row is None:
        return False
    if facts.status == "succeeded":
        return bool(row.is_for_people or row.captured_cents == facts.amount_received_cents)
    return row.status in ("cancelled", "failed")


async def refunds_since(database: Database, since: datetime) -> list[str]:
    """Intents with refunds that are open or ended since then, each once."""
    recent = (refunds.c.status == "pending") | (refunds.c.processed_at >= since)
    of_intents = (
        select(payments.c.stripe_payment_intent_id)
        .join(refunds, refunds.c.payment_id == payments.c.id)
        .where(recent, payments.c.stripe_payment_intent_id.is_not(None))
        .distinct()
    )
    return [row[0] for row in await database.fetch_all(of_intents.limit(_MOST))]


async def open_disputes(database: Database) -> list[str]:
    """Disputes that are not decided, by Stripe's ids."""
    undecided = select(disputes.c.stripe_dispute_id).where(disputes.c.status == "open")
    return [row[0] for row in await database.fetch_all(undecided.limit(_MOST))]
