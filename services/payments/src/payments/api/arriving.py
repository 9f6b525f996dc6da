"""Bookings made so lately that their event may not have arrived here yet."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.db.engine import Database
from shared.ids import made_at

from payments.domain.booking import BillableBooking
from payments.domain.errors import BookingNotFound, BookingOnItsWay
from payments.queries.payments import booking_by_id

NEWS_TAKES_AT_MOST = timedelta(minutes=10)
"""How long an id that nobody here knows may still be that of a booking whose event is on its way."""


async def booking_or_wait(database: Database, booking_id: UUID, now: datetime) -> BillableBooking:
    """A booking stands from the moment of its answer; an id made lately must not be told to be unknown.

    Raises `BookingOnItsWay` for such an id, `BookingNotFound` for any other.
    """
    try:
        return await booking_by_id(database, booking_id)
    except BookingNotFound:
        made = made_at(booking_id)
        if made is not None and abs(now - made) < NEWS_TAKES_AT_MOST:
            raise BookingOnItsWay(retry_after=1) from None
        raise
