"""The spans of time that the office counts in, by the business time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.clock import business_date


@dataclass(frozen=True, slots=True)
class Periods:
    """When today, this week (from Monday) and this month began, in UTC, and which days today and tomorrow are."""

    today: date
    day_start: datetime
    week_start: datetime
    month_start: datetime

    @property
    def tomorrow(self) -> date:
        """The day after."""
        return self.today + timedelta(days=1)

    @property
    def earliest(self) -> datetime:
        """Since when anything is counted: a week may begin before its month."""
        return min(self.week_start, self.month_start)


def periods_at(now: datetime, zone: ZoneInfo) -> Periods:
    """The periods that `now` falls in."""
    today = business_date(now, zone)
    return Periods(
        today,
        start_of(today, zone),
        start_of(today - timedelta(days=today.weekday()), zone),
        start_of(today.replace(day=1), zone),
    )


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
