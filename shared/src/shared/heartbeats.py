"""When a heartbeat counts as missed."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from shared.clock import utc_now
from shared.db.engine import Database
from shared.db.tables import heartbeats

BEATS_MISSED = 3
GRACE = timedelta(seconds=60)


class Beat(Protocol):
    """A row of heartbeats: how often it should beat, in seconds, since when, and when it last did."""

    @property
    def every_seconds(self) -> int: ...

    @property
    def last_success_at(self) -> datetime | None: ...

    @property
    def expected_since(self) -> datetime: ...


def is_missed(beat: Beat, now: datetime) -> bool:
    """Whether three beats in a row did not come, with a minute's grace for those that beat often.

    One that never came counts from when it was first expected, however often it was tried since.
    """
    since = beat.last_success_at or beat.expected_since
    return now - since > BEATS_MISSED * timedelta(seconds=beat.every_seconds) + GRACE


async def missed_count(database: Database) -> int:
    """How many jobs and loops of a service have not run for too long."""
    now = utc_now()
    return sum(is_missed(beat, now) for beat in await database.fetch_all(select(heartbeats)))
