"""Time as the business sees it: instants in UTC, dates in the business time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

BUSINESS_TIMEZONE = ZoneInfo("America/New_York")


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def business_date(instant: datetime, zone: ZoneInfo = BUSINESS_TIMEZONE) -> date:
    """The calendar day that `instant` falls on in the business time zone."""
    return instant.astimezone(zone).date()
