"""The office's list of bookings: narrowed, searched, ordered, in pages or whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from shared.contracts.base import BookingStatus, ServiceType
from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import Column, ColumnElement, Row, Select, bindparam, cast, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY

from booking.adapters.listing_tables import listings
from booking.adapters.tables import bookings
from booking.domain.search_words import search_query

PaymentFilter = Literal[
    "not_required", "pending", "processing", "succeeded", "failed", "refunded", "partially_refunded", "cancelled"
]
Ordering = Literal[
    "created_at", "-created_at", "pickup_date", "-pickup_date", "status", "-status", "total", "-total"
]  # fmt: skip

CHUNK = 500
"""Rows of one statement of a download: little memory, and no connection is held while the client reads."""

_KEYS: dict[str, tuple[Column[Any], ...]] = {
    "created_at": (bookings.c.created_at, bookings.c.id),
    "pickup_date": (bookings.c.pickup_date, bookings.c.id),
    "status": (bookings.c.status, bookings.c.created_at, bookings.c.id),
    "total": (bookings.c.total_price_cents, bookings.c.id),
}
"""What each order goes by; the id makes it whole. Each begins as an index does."""

_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "status": bookings.c.status == bindparam("status"),
    "service_type": bookings.c.service_type == bindparam("service_type"),
    "pickup_date": bookings.c.pickup_date == bindparam("pickup_date"),
    "pickup_date_from": bookings.c.pickup_date >= bindparam("pickup_date_from"),
    "pickup_date_to": bookings.c.pickup_date <= bindparam("pickup_date_to"),
    "crew_id": bookings.c.crew_id == bindparam("crew_id"),
    "customer_search": listings.c.words.op("@@")(cast(bindparam("customer_search"), TSQUERY)),
    "payment_status": listings.c.payment_status == bindparam("payment_status"),
}
_OF_LISTING = frozenset({"customer_search", "payment_status"})
_SHOWN = (
    *(
        bookings.c[name]
        for name in (
            "id", "booking_number", "version", "status", "customer_id", "first_name", "last_name", "email", "phone",
            "service_type", "package_type", "item_count", "pickup_date", "pickup_time", "specific_pickup_hour",
            "pickup_address", "delivery_address", "total_price_cents", "paid_cents", "adjustments",
            "created_at",
        )
    ),
    listings.c.payment_status,
)  # fmt: skip


@dataclass(frozen=True)
class StaffFilters:
    """What the list is narrowed to; null does not narrow. Dates are pickup dates, both ends included."""

    status: BookingStatus | None = None
    service_type: ServiceType | None = None
    pickup_date: date | None = None
    pickup_date_from: date | None = None
    pickup_date_to: date | None = None
    customer_search: str | None = None
    payment_status: PaymentFilter | None = None
    crew_id: UUID | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The filters that narrow, as the statements take them."""
        wanted = {name: value for name, value in vars(self).items() if value is not None}
        if self.customer_search is not None:
            wanted["customer_search"] = search_query(self.customer_search)
        return wanted


class StaffList:
    """Reads from the service's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, filters: StaffFilters, ordering: Ordering, page: Page) -> tuple[list[Row[Any]], int]:
        """(the bookings of one page, how many there are in all)."""
        wanted = filters.parameters
        statement = _page(tuple(wanted), ordering)
        rows = await self._database.fetch_all(statement, {**wanted, "size": page.size, "skipped": page.offset})
        if len(rows) < page.size and (rows or page.number == 1):
            return rows, page.offset + len(rows)
        counted = await self._database.fetch_one(_count(tuple(wanted)), wanted)
        return rows, counted[0] if counted else 0

    async def all(self, filters: StaffFilters, ordering: Ordering) -> AsyncIterator[Row[Any]]:
        """Every booking that matches, read in chunks that go on where the last one ended."""
        wanted = filters.parameters
        names = tuple(wanted)
        after: dict[str, Any] = {}
        while True:
            rows = await self._database.fetch_all(_chunk(names, ordering, bool(after)), {**wanted, **after})
            for row in rows:
                yield row
            if len(rows) < CHUNK:
                return
            after = {f"after_{key.name}": getattr(rows[-1], key.name) for key in _keys(ordering)}


def _keys(ordering: Ordering) -> tuple[Column[Any], ...]:
    return _KEYS[ordering.removeprefix("-")]


def _ordered(statement: Select[Any], ordering: Ordering) -> Select[Any]:
    keys = _keys(ordering)
    return statement.order_by(*((key.desc() for key in keys) if ordering.startswith("-") else keys))


def _narrowed(statement: Select[Any], names: tuple[str, ...]) -> Select[Any]:
    if _OF_LISTING.intersection(names):
        statement = statement.join(listings, listings.c.booking_id == bookings.c.id)
    return statement.where(*(_CONDITIONS[name] for name in names))


@lru_cache(maxsize=256)
def _page(names: tuple[str, ...], ordering: Ordering) -> Select[Any]:
    """The ids first, so that pages skipped are skipped in an index and not in whole bookings."""
    found = _ordered(_narrowed(select(bookings.c.id).select_from(bookings), names), ordering)
    ids = found.limit(bindparam("size")).offset(bindparam("skipped")).subquery("found")
    return _ordered(_rows().join(ids, ids.c.id == bookings.c.id), ordering)


@lru_cache(maxsize=256)
def _count(names: tuple[str, ...]) -> Select[Any]:
    if names and _OF_LISTING.issuperset(names):
        return select(func.count()).select_from(listings).where(*(_CONDITIONS[name] for name in names))
    return _narrowed(select(func.count()).select_from(bookings), names)


@lru_cache(maxsize=256)
def _chunk(names: tuple[str, ...], ordering: Ordering, goes_on: bool) -> Select[Any]:
    keys = _keys(ordering)
    last = tuple_(*(bindparam(f"after_{key.name}", type_=key.type) for key in keys))
    place = tuple_(*keys) < last if ordering.startswith("-") else tuple_(*keys) > last
    statement = _rows().where(place if goes_on else true(), *(_CONDITIONS[name] for name in names))
    return _ordered(statement, ordering).limit(CHUNK)


def _rows() -> Select[Any]:
    return select(*_SHOWN).select_from(bookings).join(listings, listings.c.booking_id == bookings.c.id)
