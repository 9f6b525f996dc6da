"""Copies of bookings and customers, each guarded by its owner's version."""

from typing import Any

from shared.contracts.booking_state import BookingState
from shared.contracts.customers import CustomerState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert

from notifications.adapters.tables import bookings, customers


def _keep_newer(table: Table) -> Insert:
    statement = insert(table)
    columns = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(
        index_elements=[table.c.id], set_=columns, where=table.c.version < statement.excluded.version
    )


_KEEP_BOOKING = _keep_newer(bookings)
_KEEP_CUSTOMER = _keep_newer(customers)
_CUSTOMER_COLUMNS = frozenset(column.name for column in customers.columns)


async def keep_booking(uow: UnitOfWork, booking: BookingState) -> None:
    """Writes the copy, unless it is as new already."""
    state: dict[str, Any] = booking.model_dump(mode="json")
    await uow.execute(_KEEP_BOOKING, {"id": booking.id, "version": booking.version, "state": state})


async def keep_customer(uow: UnitOfWork, customer: CustomerState) -> None:
    """Writes the copy, unless it is as new already."""
    await uow.execute(_KEEP_CUSTOMER, customer.model_dump(include=set(_CUSTOMER_COLUMNS)))
