"""A booking changed: its fact row follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import DateTime, String, bindparam, case, exists, func, or_
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.people_tables import erasures
from customers.adapters.tables import booking_facts
from customers.commands.keep_payment import KeepPayment, keep_payment
from customers.domain.forgetting import fingerprint

_STATE = (
    "booking_number",
    "customer_id",
    "contact_email",
    "contact_name",
    "contact_phone",
    "status",
    "service_type",
    "pickup_date",
    "pickup_time",
    "total_cents",
    "version",
    "created_at",
)
_PAYMENT = ("payment_id", "paid_cents", "paid_at")

_CONTACT = ("contact_email", "contact_name", "contact_phone")

_forgotten = exists().where(
    or_(erasures.c.id == bindparam("of_customer"), erasures.c.email_sha256 == bindparam("of_email")),
    erasures.c.erased_at >= bindparam("booked_at", type_=DateTime(timezone=True)),
)
"""Whether the person was erased after they booked: news of such a booking may still be under way."""

_arriving = insert(booking_facts).values(
    {name: case((_forgotten, ""), else_=bindparam(f"told_{name}", type_=String)) for name in _CONTACT}
    | {name: bindparam(name) for name in ("booking_id", *_STATE, *_PAYMENT) if name not in _CONTACT}
)
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
    uow.send(_KEEP, {**_told(booking), **_paid(paid_by, uow.now)})
    if paid_by is not None:
        payment_id = paid_by.payment_id or booking.id
        await keep_payment(KeepPayment(payment_id, booking.id, "booking", paid_by.cents, paid_by.at), uow)


def _told(booking: BookingState) -> dict[str, Any]:
    contact = booking.contact
    return {
        "booking_id": booking.id,
        "booking_number": booking.booking_number,
        "customer_id": booking.customer_id,
        "of_customer": booking.customer_id,
        "of_email": fingerprint(contact.email),
        "told_contact_email": contact.email.lower(),
        "told_contact_name": f"{contact.first_name} {contact.last_name}".strip(),
        "told_contact_phone": contact.phone,
        "status": booking.status,
        "service_type": booking.service_type,
        "pickup_date": booking.pickup_date,
        "pickup_time": booking.pickup_time,
        "total_cents": booking.total_cents,
        "version": booking.version,
        "created_at": booking.created_at,
        "booked_at": booking.created_at,
    }


def _paid(paid_by: PaidBy | None, now: datetime) -> dict[str, Any]:
    if paid_by is None:
        return {"payment_id": None, "paid_cents": None, "paid_at": None}
    return {"payment_id": paid_by.payment_id, "paid_cents": paid_by.cents, "paid_at": paid_by.at or now}
