"""Business days as instants."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the day in the business time zone."""
    return datetime.combine(day, time(), zone)


def day_ends(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after the day."""
    return day_begins(day + timedelta(days=1), zone)
