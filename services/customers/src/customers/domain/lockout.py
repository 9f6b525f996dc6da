"""When an account's login is locked: ten failed logins within 15 minutes lock it for 15 minutes, for everybody.

Addresses without an account are locked alike, so that a lock does not tell whether there is one.
"""

import hashlib
import math
from datetime import datetime, timedelta

from shared.errors import Locked

FAILURES_TO_LOCK = 10
COUNTED_FOR = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)


def login_key(email: str) -> str:
    """Under which failures for an address are counted: its SHA-256, as many addresses are those of strangers."""
    return hashlib.sha256(email.lower().encode()).hexdigest()


def failures_after(earlier: list[datetime], now: datetime) -> list[datetime]:
    """The failures that count once another has happened at `now`."""
    return [*(failure for failure in earlier if failure > now - COUNTED_FOR), now]


def lock_after(failures: list[datetime], now: datetime) -> datetime | None:
    """Until when these failures lock the login; null if they don't."""
    return now + LOCKED_FOR if len(failures) >= FAILURES_TO_LOCK else None


def refuse_if_locked(locked_until: datetime | None, now: datetime) -> None:
    """Raises `Locked` with the whole seconds that remain."""
    if locked_until is not None and locked_until > now:
        raise Locked(retry_after=math.ceil((locked_until - now).total_seconds()))
