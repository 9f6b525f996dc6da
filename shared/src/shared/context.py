"""What travels with a piece of work: its correlation, its cause, and the time it has left."""

import time
from contextvars import ContextVar
from datetime import datetime

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
"""The id of the request that everything goes back to (`X-Request-ID`)."""

causation_id: ContextVar[str] = ContextVar("causation_id", default="")
"""The id of the event that is being handled, if any."""

event_time: ContextVar[datetime | None] = ContextVar("event_time", default=None)
"""When what the event tells of happened, while one is being handled; it may have waited since."""

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the caller stops waiting, on `time.monotonic()`'s scale; null when nobody waits."""


def remaining_seconds(at_most: float) -> float:
    """Seconds left until the caller stops waiting, never more than `at_most` and never negative."""
    limit = deadline.get()
    return at_most if limit is None else max(0.0, min(at_most, limit - time.monotonic()))
