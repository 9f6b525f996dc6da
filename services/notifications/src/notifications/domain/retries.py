"""When a message that could not be handed over is tried again."""

from datetime import datetime, timedelta

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(hours=24)


def next_attempt(attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """When to try again after the `attempts`th failure (from 1): after 5 s, 10 s, 20 s, … up to an hour.

    Null when the message is older than 24 h: later it would tell the customer nothing new.
    """
    if now - created_at >= GIVEN_UP_AFTER:
        return None
    delay: timedelta = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return now + delay
