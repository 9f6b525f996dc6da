"""What is to be compared with Stripe."""

from datetime import datetime

from shared.db.engine import Database
from sqlalchemy import select

from payments.adapters.dispute_tables import disputes
from payments.adapters.repository import PAYMENTS, payment_of
from payments.adapters.tables import payments, refunds
from payments.domain.facts import IntentFacts, MovementFacts, RefundFacts
from payments.domain.payment import Payment

_MOST = 5_000


async def captured_since(database: Database, since: datetime) -> list[Payment]:
    """Payments whose money came in since then."""
    captured = PAYMENTS.where(payments.c.captured_cents > 0, payments.c.processed_at >= since)
    return [payment_of(row) for row in await database.fetch_all(captured.limit(_MOST))]


async def intent_known(database: Database, facts: IntentFacts) -> bool:
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


async def refund_known(database: Database, facts: RefundFacts) -> bool:
    """Whether the refund stands here as it does at Stripe. A failure may follow a success, and nothing a failure."""
    known = await _status_of_refund(database, facts.id)
    if facts.status in ("failed", "canceled"):
        return known == "failed"
    return known in ("succeeded", "failed") if facts.status == "succeeded" else known is not None


async def movement_known(database: Database, facts: MovementFacts) -> bool:
    """Whether the refund that moved this money is here, with its failure if that is what moved it."""
    known = await _status_of_refund(database, facts.source_id)
    return known == "failed" if facts.category == "refund_failure" else known is not None


async def _status_of_refund(database: Database, stripe_refund_id: str) -> str | None:
    this = select(refunds.c.status).where(refunds.c.stripe_refund_id == stripe_refund_id)
    row = await database.fetch_one(this)
    return row.status if row else None


async def open_disputes(database: Database) -> list[str]:
    """Disputes that are not decided, by Stripe's ids."""
    undecided = select(disputes.c.stripe_dispute_id).where(disputes.c.status == "open")
    return [row[0] for row in await database.fetch_all(undecided.limit(_MOST))]
