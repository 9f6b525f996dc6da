"""Copies of bookings, customers and staff, each guarded by its owner's version."""

import hashlib
from typing import Any

from shared.contracts.booking_state import BookingState
from shared.contracts.customers import CustomerState, StaffState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Table, bindparam, case, exists, select
from sqlalchemy.dialects.postgresql import Insert, insert

from notifications.adapters.tables import bookings, customers, erased, staff
from notifications.domain.truth import UPCOMING


def sha256_of(address: str) -> str:
    """The hash that an address is known by once it is forgotten itself."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def _keep_newer(table: Table, source: Insert, **special: Any) -> Insert:
    columns = {column.name: source.excluded[column.name] for column in table.columns if not column.primary_key}
    return source.on_conflict_do_update(
        index_elements=[table.c.id], set_={**columns, **special}, where=table.c.version < source.excluded.version
    )


def _keep_booking() -> Insert:
    source = insert(bookings)
    known_before = (
        (bookings.c.window_start == source.excluded.window_start)
        & bookings.c.status.in_(UPCOMING)
        & source.excluded.status.in_(UPCOMING)
    )
    since = case((known_before, bookings.c.upcoming_since), else_=source.excluded.upcoming_since)
    return _keep_newer(bookings, source, upcoming_since=since)


_KEEP_BOOKING = _keep_booking()
_KEEP_STAFF = _keep_newer(staff, insert(staff))
_KEEP_CUSTOMER = _keep_newer(customers, insert(customers))
_IS_ERASED = select(exists().where(erased.c.customer_id == bindparam("customer_id")))
_CUSTOMER_COLUMNS = frozenset(column.name for column in customers.columns)
_STAFF_COLUMNS = frozenset(column.name for column in staff.columns)


async def keep_booking(uow: UnitOfWork, booking: BookingState) -> None:
    """Writes the copy, unless it is as new already."""
    state: dict[str, Any] = booking.model_dump(mode="json")
    uow.send(
        _KEEP_BOOKING,
        {
            "id": booking.id,
            "version": booking.version,
            "state": state,
            "status": booking.status,
            "customer_id": booking.customer_id,
            "email_sha256": sha256_of(booking.contact.email),
            "pickup_date": booking.pickup_date,
            "window_start": booking.window_start,
            "booked_at": booking.created_at,
            "upcoming_since": uow.now,
        },
    )


async def keep_customer(uow: UnitOfWork, customer: CustomerState) -> bool:
    """Writes the copy, unless it is as new already; false for a customer who is forgotten."""
    if await uow.scalar(_IS_ERASED, {"customer_id": customer.id}):
        return False
    await uow.execute(_KEEP_CUSTOMER, customer.model_dump(include=set(_CUSTOMER_COLUMNS)))
    return True


async def keep_staff(uow: UnitOfWork, member: StaffState) -> None:
    """Writes the copy, unless it is as new already."""
    await uow.execute(_KEEP_STAFF, member.model_dump(include=set(_STAFF_COLUMNS)))
