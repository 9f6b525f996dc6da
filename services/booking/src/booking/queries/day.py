"""The moves of a day."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.db.engine import Database
from sqlalchemy import Row, bindparam, func, select

from booking.adapters.logistics_tables import crews, stop_reports, vans
from booking.adapters.tables import bookings, catalog_versions

SHOWN = ("pending", "confirmed", "paid", "in_progress", "completed")

_REPORTS = (
    select(func.jsonb_object_agg(stop_reports.c.step, stop_reports.c.reported_at))
    .where(stop_reports.c.booking_id == bookings.c.id)
    .scalar_subquery()
    .label("reports")
)
_OF_DAY = (
    select(
        bookings,
        crews.c.name.label("present_crew_name"),
        vans.c.name.label("present_van_name"),
        catalog_versions.c.snapshot["specialty_items"].label("catalog_items"),
        _REPORTS,
    )
    .outerjoin(crews, crews.c.id == bookings.c.crew_id)
    .outerjoin(vans, vans.c.id == bookings.c.van_id)
    .outerjoin(catalog_versions, catalog_versions.c.version == bookings.c.catalog_version)
    .where(bookings.c.pickup_date == bindparam("day"), bookings.c.status.in_(SHOWN))
    .order_by(
        bookings.c.window_start,
        bookings.c.window_end,
        bookings.c.stop_sequence,
        bookings.c.booking_number,
    )
)
_OF_CREW = _OF_DAY.where(bookings.c.crew_id == bindparam("crew")).order_by(None)
_OF_CREW = _OF_CREW.order_by(bookings.c.stop_sequence, bookings.c.window_start, bookings.c.booking_number)
_CREW = select(crews).where(crews.c.id == bindparam("wanted"))


class DayQueries:
    """Reads of one day, each one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def moves(self, day: date) -> list[Row[Any]]:
        """The day's bookings in the order of their windows, and within one in that of their sequence."""
        return await self._database.fetch_all(_OF_DAY, {"day": day})

    async def moves_of_crew(self, day: date, crew_id: UUID) -> list[Row[Any]]:
        """A crew's bookings in the order in which it comes to them."""
        return await self._database.fetch_all(_OF_CREW, {"day": day, "crew": crew_id})

    async def crew(self, crew_id: UUID) -> Row[Any] | None:
        """A crew, active or not."""
        return await self._database.fetch_one(_CREW, {"wanted": crew_id})
