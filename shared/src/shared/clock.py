"""Time as the business sees it: instants in UTC, dates in the business time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

BUSINESS_TIMEZONE = ZoneInfo("America/New_York")


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def in_utc(instant: datetime) -> str:
    """`instant` as answers and documents write it, such as `2026-05-01T14:00:00Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def business_date(instant: datetime, zone: ZoneInfo = BUSINESS_TIMEZONE) -> date:
    """The calendar day that `instant` falls on in the business time zone."""
    return instant.astimezone(zone).date()


def day_begins(day: date, zone: ZoneInfo = BUSINESS_TIMEZONE) -> datetime:
    """The first instant of the day in the business time zone."""
    return datetime.combine(day, time(), zone)


def day_ends(day: date, zone: ZoneInfo = BUSINESS_TIMEZONE) -> datetime:
    """The first instant after the day."""
    return day_begins(day + timedelta(days=1), zone)
