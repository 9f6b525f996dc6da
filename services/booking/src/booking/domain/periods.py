"""The spans of time that the office counts in, by the business time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.clock import business_date, day_begins


@dataclass(frozen=True, slots=True)
class Periods:
    """When today, this week (from Monday) and this month began, and which days today and tomorrow are."""

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
        day_begins(today, zone),
        day_begins(today - timedelta(days=today.weekday()), zone),
        day_begins(today.replace(day=1), zone),
    )
