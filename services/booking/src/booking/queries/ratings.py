"""What customers think of their moves."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.clock import day_begins, day_ends
from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, bindparam, func, select

from booking.adapters.logistics_tables import ratings
from booking.adapters.tables import bookings

GRADES = (1, 2, 3, 4, 5)

_OF_BOOKING = select(ratings).where(ratings.c.booking_id == bindparam("of_booking"))
_LISTED = select(
    ratings,
    bookings.c.booking_number,
    bookings.c.first_name,
    bookings.c.last_name,
    bookings.c.service_type,
    bookings.c.pickup_date,
    bookings.c.crew_id,
    bookings.c.crew_name,
).join(bookings, bookings.c.id == ratings.c.booking_id)


@dataclass(frozen=True, slots=True)
class RatingFilters:
    """What the list is narrowed to; null does not narrow. Days are business dates of the rating, both included."""

    rating: int | None = None
    crew_id: UUID | None = None
    first_day: date | None = None
    last_day: date | None = None


class RatingQueries:
    """Reads from the service's own database."""

    def __init__(self, database: Database, timezone: ZoneInfo) -> None:
        self._database = database
        self._timezone = timezone

    async def of_booking(self, booking_id: UUID) -> dict[str, Any] | None:
        """A booking's rating, if it has one."""
        row = await self._database.fetch_one(_OF_BOOKING, {"of_booking": booking_id})
        return rating_document(row) if row else None

    async def page(self, filters: RatingFilters, page: Page) -> tuple[list[Row[Any]], dict[int, int]]:
        """(one page, newest first; how many of each grade there are in all)."""
        conditions = self._conditions(filters)
        listing = _LISTED.where(*conditions).order_by(ratings.c.created_at.desc(), ratings.c.booking_id.desc())
        rows = await self._database.fetch_all(listing.limit(page.size).offset(page.offset))
        counting = (
            select(ratings.c.rating, func.count().label("how_many"))
            .join(bookings, bookings.c.id == ratings.c.booking_id)
            .where(*conditions)
            .group_by(ratings.c.rating)
        )
        counted = {row.rating: row.how_many for row in await self._database.fetch_all(counting)}
        return rows, {grade: counted.get(grade, 0) for grade in GRADES}

    def _conditions(self, filters: RatingFilters) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if filters.rating is not None:
            conditions.append(ratings.c.rating == filters.rating)
        if filters.crew_id is not None:
            conditions.append(bookings.c.crew_id == filters.crew_id)
        if filters.first_day is not None:
            conditions.append(ratings.c.created_at >= day_begins(filters.first_day, self._timezone))
        if filters.last_day is not None:
            conditions.append(ratings.c.created_at < day_ends(filters.last_day, self._timezone))
        return conditions


def average(counts: dict[int, int]) -> float | None:
    """The mean grade with two decimals, half up; null when there is none."""
    how_many = sum(counts.values())
    if not how_many:
        return None
    mean = Decimal(sum(grade * count for grade, count in counts.items())) / how_many
    return float(mean.quantize(Decimal("0.01"), ROUND_HALF_UP))


def rating_document(row: Row[Any]) -> dict[str, Any]:
    """A rating as answers show it."""
    return {name: getattr(row, name) for name in ("rating", "text", "rated_by", "created_at")}


def listed_document(row: Row[Any]) -> dict[str, Any]:
    """A rating in the office's list."""
    return {
        **rating_document(row),
        "booking_id": row.booking_id,
        "booking_number": row.booking_number,
        "customer_name": f"{row.first_name} {row.last_name}".strip(),
        "service_type": row.service_type,
        "pickup_date": row.pickup_date,
        "crew": {"id": row.crew_id, "name": row.crew_name} if row.crew_id else None,
    }
