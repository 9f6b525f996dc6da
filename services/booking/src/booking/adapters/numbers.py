"""Booking numbers: `TT-YYYYMMDD-NNNN`, counted anew every day of the business time zone."""

import asyncio
from datetime import date

from shared.db.engine import Database
from sqlalchemy import text

TAKEN_AT_ONCE = 20

_TAKE = text(
    """
    INSERT INTO booking_counters AS counter (day, last)
    SELECT :day, :count FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (day) DO UPDATE SET last = counter.last + :count
    RETURNING last
    """
)
"""A transaction of its own, so that bookings do not wait for each other's commit on the counter's row.

It need not wait for the disk either: the booking that carries a number commits later into the same log, so numbers can
be lost only together with their bookings.
"""


class BookingNumbers:
    """Numbers that no other booking has. A process takes twenty at once; those it does not use are gaps."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._day = date.min
        self._free = range(0)
        self._taking = asyncio.Lock()

    async def next(self, day: date) -> str:
        """The next number of a business day."""
        async with self._taking:
            if day != self._day or not self._free:
                row = await self._database.fetch_one(_TAKE, {"day": day, "count": TAKEN_AT_ONCE})
                assert row is not None
                self._day, self._free = day, range(row.last - TAKEN_AT_ONCE + 1, row.last + 1)
            number, self._free = self._free[0], self._free[1:]
        return f"TT-{day:%Y%m%d}-{number:04d}"
