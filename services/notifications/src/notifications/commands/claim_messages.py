"""Takes messages that are due, for this process to send."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, select, update

from notifications.adapters.tables import bookings, customers, messages
from notifications.domain.kinds import Kind

LEASE = timedelta(seconds=60)
BATCH = 20

# Only kinds that this code knows: while a new version is rolled out, its workers send what is new.
_due = (
    select(messages.c.id)
    .where(messages.c.due_at <= bindparam("now"), messages.c.kind.in_([kind.value for kind in Kind]))
    .order_by(messages.c.due_at)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("due")
)
_claimed = (
    update(messages)
    .where(messages.c.id == _due.c.id)
    .values(
        status="sending",
        due_at=bindparam("leased_until"),
        attempts=messages.c.attempts + 1,
        version=messages.c.version + 1,
    )
    .returning(messages)
    .cte("claimed")
)
_CLAIM = (
    select(_claimed, bookings.c.state, customers.c.email, customers.c.first_name)
    .outerjoin(bookings, bookings.c.id == _claimed.c.booking_id)
    .outerjoin(customers, customers.c.id == _claimed.c.customer_id)
)


@dataclass(frozen=True, slots=True)
class ClaimMessages:
    """Up to 20 messages that are due, among them those whose sender died: its lease of 60 s has ended."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message in this process's hands, with the copies that it is about as far as they are known.

    `recipient` is the customer's address of today where it is known, else the one that the booking was made with.
    """

    id: UUID
    version: int
    kind: Kind
    recipient: str
    first_name: str
    booking_id: UUID | None
    customer_id: UUID | None
    booking: BookingState | None
    facts: dict[str, Any]
    trace_context: dict[str, str]
    attempts: int
    created_at: datetime


async def claim_messages(command: ClaimMessages, uow: UnitOfWork) -> list[ClaimedMessage]:
    """Takes the messages; other processes leave them alone until the lease ends."""
    rows = await uow.fetch_all(_CLAIM, {"now": uow.now, "leased_until": uow.now + LEASE})
    return [_claimed_message(row) for row in rows]


def _claimed_message(row: Row[Any]) -> ClaimedMessage:
    booking = BookingState.model_validate(row.state) if row.state else None
    return ClaimedMessage(
        id=row.id,
        version=row.version,
        kind=Kind(row.kind),
        recipient=row.email or row.recipient or (booking.contact.email if booking else ""),
        first_name=row.first_name or (booking.contact.first_name if booking else ""),
        booking_id=row.booking_id,
        customer_id=row.customer_id,
        booking=booking,
        facts=row.facts,
        trace_context=row.trace_context,
        attempts=row.attempts,
        created_at=row.created_at,
    )
