"""One dispute's life: a customer's bank takes a charge back, and one day somebody is right."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from payments.domain.facts import DisputeFacts

DisputeStatus = Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True)
class Dispute:
    """`amount_cents` are taken back by the bank until the dispute is won. `stripe_status` is Stripe's finer word."""

    id: UUID
    version: int
    payment_id: UUID
    booking_id: UUID
    booking_number: str
    stripe_dispute_id: str
    stripe_status: str
    amount_cents: int
    status: DisputeStatus
    reason: str
    opened_at: datetime
    closed_at: datetime | None = None


def status_of(stripe_status: str) -> DisputeStatus:
    """Ours for Stripe's. An inquiry that ends without a chargeback leaves the money with us, as a won one does."""
    if stripe_status in ("won", "warning_closed", "prevented"):
        return "won"
    return "lost" if stripe_status == "lost" else "open"


def advance_dispute(dispute: Dispute, facts: DisputeFacts, now: datetime) -> Dispute | None:
    """The dispute after what Stripe told; null when it is nothing new. What is decided stays decided."""
    if dispute.status != "open" or facts.status == dispute.stripe_status:
        return None
    after = replace(dispute, version=dispute.version + 1, stripe_status=facts.status)
    status = status_of(facts.status)
    return after if status == "open" else replace(after, status=status, closed_at=now)
