"""The stops of a day, for the run sheet."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.booking_state import BookingState
from shared.db.engine import Database
from sqlalchemy import bindparam, select

from notifications.adapters.tables import bookings
from notifications.domain.truth import UPCOMING
from notifications.domain.words import stop_in_words

_STOPS = select(bookings.c.state).where(
    bookings.c.pickup_date == bindparam("day"), bookings.c.status.in_((*UPCOMING, "in_progress"))
)


async def stops_of(database: Database, zone: ZoneInfo, day: date) -> list[dict[str, Any]]:
    """Those that take place, by window, then in the order of their crew's day."""
    states = [BookingState.model_validate(row.state) for row in await database.fetch_all(_STOPS, {"day": day})]
    return [stop_in_words(booking, zone) for booking in sorted(states, key=_order)]


def _order(booking: BookingState) -> tuple[Any, ...]:
    assignment = booking.assignment
    crew = (assignment.crew_name, assignment.sequence) if assignment else ("", 0)
    return booking.window_start, *crew, booking.booking_number
