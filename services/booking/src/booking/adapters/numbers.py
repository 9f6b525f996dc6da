"""Booking numbers: `TT-YYYYMMDD-NNNN`, counted anew every day of the business time zone."""

from datetime import date

from shared.db.engine import Database
from sqlalchemy import text

_NEXT = text(
    """
    INSERT INTO booking_counters AS counter (day, last)
    SELECT :day, 1 FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (day) DO UPDATE SET last = counter.last + 1
    RETURNING last
    """
)
"""A transaction of its own, so that bookings do not wait for each other's commit on the counter's row.

It need not wait for the disk either: the booking that carries the number commits later into the same log, so a number
can be lost only together with its booking.
"""


async def next_booking_number(database: Database, day: date) -> str:
    """A number that no other booking has. One that is not used leaves a gap, which is fine."""
    row = await database.fetch_one(_NEXT, {"day": day})
    assert row is not None
    return f"TT-{day:%Y%m%d}-{row.last:04d}"
