"""Reads of bookings, each one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from shared.contracts.base import BookingStatus
from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select

from booking.adapters.repository import booking_of
from booking.adapters.tables import bookings, payments
from booking.domain.booking import Booking

_PAYMENT_STATUS = (
    select(payments.c.status)
    .where(payments.c.booking_id == bookings.c.id)
    .order_by((payments.c.id == bookings.c.paid_payment_id).desc().nulls_last(), payments.c.created_at.desc())
    .limit(1)
    .scalar_subquery()
    .label("payment_status")
)
"""That of the payment which paid the booking, else that of the newest try."""

_DETAIL = select(bookings, _PAYMENT_STATUS)
_BY_NUMBER = _DETAIL.where(bookings.c.booking_number == bindparam("number"))
_BY_OWNER = _DETAIL.where(bookings.c.id == bindparam("wanted"), bookings.c.customer_id == bindparam("owner"))
_BY_ID = _DETAIL.where(bookings.c.id == bindparam("wanted"))

_SUMMARY_COLUMNS = (
    bookings.c.id,
    bookings.c.booking_number,
    bookings.c.version,
    bookings.c.status,
    bookings.c.first_name,
    bookings.c.last_name,
    bookings.c.service_type,
    bookings.c.package_type,
    bookings.c.item_count,
    bookings.c.pickup_date,
    bookings.c.pickup_time,
    bookings.c.specific_pickup_hour,
    bookings.c.pickup_address,
    bookings.c.delivery_address,
    bookings.c.total_price_cents,
    bookings.c.created_at,
)
_LIST = select(*_SUMMARY_COLUMNS, _PAYMENT_STATUS, func.count().over().label("found"))
_COUNT = select(func.count()).select_from(bookings)


@dataclass(frozen=True, slots=True)
class Found:
    """A booking with what is known of its payment; null as long as payments has told nothing."""

    booking: Booking
    payment_status: str | None


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; null does not narrow. Dates are pickup dates, both ends included."""

    customer_id: UUID | None = None
    status: BookingStatus | None = None
    pickup_date_from: date | None = None
    pickup_date_to: date | None = None


class BookingQueries:
    """Reads from the service's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_number(self, number: str) -> Found | None:
        """The booking with this number."""
        return await self._one(_BY_NUMBER, {"number": number})

    async def of_customer(self, booking_id: UUID, customer_id: UUID) -> Found | None:
        """The booking, if it is this customer's."""
        return await self._one(_BY_OWNER, {"wanted": booking_id, "owner": customer_id})

    async def by_id(self, booking_id: UUID) -> Found | None:
        """The booking, whoever's it is."""
        return await self._one(_BY_ID, {"wanted": booking_id})

    async def page(self, filters: Filters, page: Page) -> tuple[list[Row[Any]], int]:
        """(summaries of one page, newest first; how many there are in all)."""
        wanted = {name: value for name, value in vars(filters).items() if value is not None}
        listing, counting = _statements(tuple(wanted))
        rows = await self._database.fetch_all(listing, {**wanted, "size": page.size, "skipped": page.offset})
        if rows or page.number == 1:
            return rows, rows[0].found if rows else 0
        counted = await self._database.fetch_one(counting, wanted)
        return [], counted[0] if counted else 0

    async def _one(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Found | None:
        row = await self._database.fetch_one(statement, dict(parameters))
        return Found(booking_of(row), row.payment_status) if row else None


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "customer_id": bookings.c.customer_id == bindparam("customer_id"),
    "status": bookings.c.status == bindparam("status"),
    "pickup_date_from": bookings.c.pickup_date >= bindparam("pickup_date_from"),
    "pickup_date_to": bookings.c.pickup_date <= bindparam("pickup_date_to"),
}


@lru_cache(maxsize=64)
def _statements(wanted: tuple[str, ...]) -> tuple[Select[Any], Select[Any]]:
    """(the list, its count) for a set of filters, built once: building costs as much as asking."""
    conditions = [_CONDITIONS[name] for name in wanted]
    listing = (
        _LIST.where(*conditions)
        .order_by(bookings.c.created_at.desc(), bookings.c.id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("skipped"))
    )
    return listing, _COUNT.where(*conditions)
