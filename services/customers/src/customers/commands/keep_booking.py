"""A booking changed: its fact row follows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import case, func, or_
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import booking_facts

_STATE = (
    "booking_number",
    "customer_id",
    "contact_email",
    "status",
    "service_type",
    "pickup_date",
    "total_cents",
    "version",
    "created_at",
)
_PAYMENT = ("payment_id", "paid_cents", "paid_at")

_arriving = insert(booking_facts)
_is_newer = _arriving.excluded.version > booking_facts.c.version
_KEEP = _arriving.on_conflict_do_update(
    index_elements=["booking_id"],
    set_={
        **{name: case((_is_newer, _arriving.excluded[name]), else_=booking_facts.c[name]) for name in _STATE},
        **{name: func.coalesce(booking_facts.c[name], _arriving.excluded[name]) for name in _PAYMENT},
    },
    where=or_(_is_newer, _arriving.excluded.paid_at.is_not(None)),
)
"""A newer version replaces the state. Only one event tells of the payment, so it counts even if it comes late."""


@dataclass(frozen=True, slots=True)
class PaidBy:
    """The payment that paid a booking, in cents; `payment_id` is null for a booking that costs nothing."""

    payment_id: UUID | None
    cents: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class KeepBooking:
    """A booking at one version and, from the event that tells it, how it was paid."""

    booking: BookingState
    paid_by: PaidBy | None = None


async def keep_booking(command: KeepBooking, uow: UnitOfWork) -> None:
    """Applies a higher version than the one known, and the payment once; older and repeated events change nothing."""
    booking, paid_by = command.booking, command.paid_by
    await uow.execute(
        _KEEP,
        {
            "booking_id": booking.id,
            "booking_number": booking.booking_number,
            "customer_id": booking.customer_id,
            "contact_email": booking.contact.email.lower(),
            "status": booking.status,
            "service_type": booking.service_type,
            "pickup_date": booking.pickup_date,
            "total_cents": booking.total_cents,
            "version": booking.version,
            "created_at": booking.created_at,
            "payment_id": paid_by.payment_id if paid_by else None,
            "paid_cents": paid_by.cents if paid_by else None,
            "paid_at": (paid_by.at or uow.now) if paid_by else None,
        },
    )
