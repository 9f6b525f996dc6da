"""When a heartbeat counts as missed."""

from datetime import datetime, timedelta
from typing import Protocol

BEATS_MISSED = 3
GRACE = timedelta(seconds=60)


class Beat(Protocol):
    """A row of heartbeats: how often it should beat, in seconds, and when it last did."""

    @property
    def every_seconds(self) -> int: ...

    @property
    def last_success_at(self) -> datetime | None: ...

    @property
    def last_started_at(self) -> datetime | None: ...


def is_missed(beat: Beat, now: datetime) -> bool:
    """Whether three beats in a row did not come, with a minute's grace for those that beat often.

    One that never succeeded counts from its first start; a job that was never due is not late.
    """
    since = beat.last_success_at or beat.last_started_at
    return since is not None and now - since > BEATS_MISSED * timedelta(seconds=beat.every_seconds) + GRACE
