"""When messages are due, in the business time zone, also on the days on which clocks change."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

REMINDS_AT = time(9)
RUN_SHEET_AT = time(18)
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
UNPAID_AFTER = timedelta(hours=1)

DAY = timedelta(days=1)


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant at which clocks show `at` on `day`."""
    return datetime.combine(day, at, tzinfo=zone)


def reminded_day(now: datetime, zone: ZoneInfo) -> date:
    """The day whose moves are reminded of now: tomorrow, from 09:00 on; until then today, as far as nobody could be."""
    local = now.astimezone(zone)
    return local.date() + DAY if local.time() >= REMINDS_AT else local.date()


def run_sheet_day(now: datetime, zone: ZoneInfo) -> date | None:
    """The day whose run sheet is due now: tomorrow, from 18:00 on, and until 09:00 today, if it could not be written
    the evening before; null between.
    """
    local = now.astimezone(zone)
    if local.time() >= RUN_SHEET_AT:
        return local.date() + DAY
    return local.date() if local.time() < REMINDS_AT else None


def near_day(day: date, now: datetime, zone: ZoneInfo) -> str:
    """`today`, or `tomorrow` for a day that has not come."""
    return "tomorrow" if now.astimezone(zone).date() < day else "today"


def after_quiet_hours(moment: datetime, zone: ZoneInfo) -> datetime:
    """`moment`, or 08:00 of the next morning if it lies between 21:00 and 08:00."""
    local = moment.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    morning = local.date() if local.time() < QUIET_UNTIL else local.date() + DAY
    return local_moment(morning, QUIET_UNTIL, zone).astimezone(moment.tzinfo)
