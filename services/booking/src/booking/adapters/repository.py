"""Bookings in the database. Whoever changes one locks it first, so that its events get their order."""

from typing import Any
from uuid import UUID

from shared.contracts.base import Event
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, insert, select, update

from booking.adapters.listings import add_listing
from booking.adapters.tables import bookings
from booking.domain.booking import Booking

_COLUMNS = tuple(column.name for column in bookings.columns)
_CHANGING = (
    "version",
    "status",
    "special_instructions",
    "internal_notes",
    "status_history",
    "updated_at",
    "paid_cents",
    "paid_payment_id",
    "paid_at",
    "expires_at",
    "crew_id",
    "crew_name",
    "van_id",
    "van_name",
    "stop_sequence",
    "holds_place",
    "hold_expires_at",
    "adjustments",
    "returned_cents",
    "refund_cap_percent",
    "pickup_date",
    "pickup_time",
    "specific_pickup_hour",
    "is_same_day",
    "window_start",
    "window_end",
    "total_price_cents",
    "prices",
    "price_detail",
)

_INSERT = insert(bookings)
_FIND = select(bookings).where(bookings.c.id == bindparam("wanted"))
_LOCK = _FIND.with_for_update()
_UPDATE = (
    update(bookings)
    .where(bookings.c.id == bindparam("wanted"), bookings.c.version == bindparam("known"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)


def booking_of(row: Row[Any]) -> Booking:
    """A row of `bookings` as a booking."""
    return Booking(**{name: getattr(row, name) for name in _COLUMNS})


async def add_booking(uow: UnitOfWork, booking: Booking) -> None:
    """Stores a new booking; nobody else can know it before the commit, so it needs no lock."""
    uow.send(_INSERT, {name: getattr(booking, name) for name in _COLUMNS})
    await add_listing(uow, booking)


async def find_booking(uow: UnitOfWork, booking_id: UUID) -> Booking | None:
    """The booking, unlocked."""
    row = await uow.fetch_one(_FIND, {"wanted": booking_id})
    return booking_of(row) if row else None


async def lock_booking(uow: UnitOfWork, booking_id: UUID) -> Booking | None:
    """The booking, which nobody else changes until this transaction ends."""
    row = await uow.fetch_one(_LOCK, {"wanted": booking_id})
    return booking_of(row) if row else None


async def save_booking(uow: UnitOfWork, booking: Booking, *events: Event) -> None:
    """Stores the next version of a locked booking together with what happened to it."""
    values = {f"new_{name}": getattr(booking, name) for name in _CHANGING}
    result = await uow.execute(_UPDATE, {**values, "wanted": booking.id, "known": booking.version - 1})
    assert result.rowcount == 1, "a booking is locked before it is changed"
    for event in events:
        uow.record(event, booking.version)
