"""Copies of bookings, customers and staff, each guarded by its owner's version."""

import hashlib
from typing import Any

from shared.context import event_time
from shared.contracts.booking_state import BookingState
from shared.contracts.customers import CustomerState, StaffState
from shared.db.engine import dump_json
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Table, bindparam, exists, select, text
from sqlalchemy.dialects.postgresql import Insert, insert

from notifications.adapters.tables import customers, erased, staff
from notifications.domain.truth import UPCOMING


def sha256_of(address: str) -> str:
    """The hash that an address is known by once it is forgotten itself."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def _keep_newer(table: Table, source: Insert) -> Insert:
    columns = {column.name: source.excluded[column.name] for column in table.columns if not column.primary_key}
    return source.on_conflict_do_update(
        index_elements=[table.c.id], set_=columns, where=table.c.version < source.excluded.version
    )


# A booking that was paid while events waited was upcoming since then. Nobody is told when staff confirm one: its
# customer knows of the window since the booking was made. Who moved it knew of the new window from that moment on. What
# is told late of somebody who is forgotten is kept without the person.
_KEEP_BOOKING = text("""
INSERT INTO bookings (id, version, state, status, customer_id, email_sha256, pickup_date, window_start, booked_at,
                      upcoming_since)
SELECT CAST(:id AS uuid), CAST(:version AS bigint),
       CASE WHEN forgotten.is_so THEN told.state || CAST(:blank AS jsonb) ELSE told.state END,
       :status, told.customer_id, CASE WHEN forgotten.is_so THEN '' ELSE :email_sha256 END,
       CAST(:pickup_date AS date), CAST(:window_start AS timestamptz), told.booked_at,
       CAST(:upcoming_since AS timestamptz)
FROM (SELECT CAST(:state AS jsonb) AS state, CAST(:customer_id AS uuid) AS customer_id,
             CAST(:booked_at AS timestamptz) AS booked_at) AS told,
     LATERAL (SELECT EXISTS (
       SELECT FROM erased WHERE erased.customer_id = told.customer_id
       OR erased.email_sha256 = :email_sha256 AND erased.erased_at >= told.booked_at) AS is_so) AS forgotten
ON CONFLICT (id) DO UPDATE SET
  version = excluded.version, state = excluded.state, status = excluded.status, customer_id = excluded.customer_id,
  email_sha256 = excluded.email_sha256, pickup_date = excluded.pickup_date, window_start = excluded.window_start,
  booked_at = excluded.booked_at,
  upcoming_since = CASE WHEN bookings.status <> ALL (:upcoming) AND excluded.status = 'paid'
                        THEN excluded.upcoming_since
                        WHEN bookings.window_start = excluded.window_start THEN bookings.upcoming_since
                        ELSE CAST(:told_at AS timestamptz) END
WHERE bookings.version < excluded.version
""")
_BLANK_ADDRESS = {"address_line_1": "", "address_line_2": "", "city": "", "zip_code": "", "state": "NY"}
BLANK = {
    "contact": {"first_name": "", "last_name": "", "email": "", "phone": ""},
    "pickup_address": _BLANK_ADDRESS,
    "delivery_address": _BLANK_ADDRESS,
    "special_instructions": "",
    "item_description": "",
    "manage_token_sealed": "",
}
"""What takes the place of the person in a booking's copy."""

_KEEP_STAFF = _keep_newer(staff, insert(staff))
_KEEP_CUSTOMER = _keep_newer(customers, insert(customers))
_IS_ERASED = select(exists().where(erased.c.customer_id == bindparam("customer_id")))
_CUSTOMER_COLUMNS = frozenset(column.name for column in customers.columns)
_STAFF_COLUMNS = frozenset(column.name for column in staff.columns)


async def keep_booking(uow: UnitOfWork, booking: BookingState) -> None:
    """Writes the copy, unless it is as new already; without the person where they are forgotten."""
    state: dict[str, Any] = booking.model_dump(mode="json")
    uow.send(
        _KEEP_BOOKING,
        {
            "id": booking.id,
            "version": booking.version,
            "state": dump_json(state),
            "blank": dump_json(BLANK),
            "upcoming": list(UPCOMING),
            "status": booking.status,
            "customer_id": booking.customer_id,
            "email_sha256": sha256_of(booking.contact.email),
            "pickup_date": booking.pickup_date,
            "window_start": booking.window_start,
            "booked_at": booking.created_at,
            "upcoming_since": booking.paid_at or booking.created_at,
            "told_at": event_time.get() or uow.now,
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
