"""Pickup windows and days, in the business time zone. Instants are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.clock import business_date
from shared.contracts.base import PickupTime
from shared.contracts.catalog import Policies

from booking.domain.move import Move, Problems

FIRST_PICKUP_HOUR = 8
LAST_PICKUP_HOUR = 18


@dataclass(frozen=True, slots=True)
class Window:
    """The span in which the crew comes, in UTC."""

    start: datetime
    end: datetime


def pickup_window(
    day: date, pickup_time: PickupTime, hour: int | None, windows: Mapping[str, tuple[str, str]], zone: ZoneInfo
) -> Window:
    """The window of a pickup: one hour from `hour` for `morning_specific`, else the policy's span of `pickup_time`.

    The ends are wall-clock times of the day itself, so the window is right on days when the clocks change.
    """
    if pickup_time == "morning_specific" and hour is not None:
        opens, closes = time(hour), time(hour + 1)
    else:
        opens, closes = (time.fromisoformat(text) for text in windows[pickup_time])
    return Window(_instant(day, opens, zone), _instant(day, closes, zone))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def schedule_problems(move: Move, policies: Policies, now: datetime, zone: ZoneInfo) -> Problems:
    """What is wrong with the wanted day and window as seen at `now`."""
    wrong_hour = list(_hour_problems(move))
    yield from wrong_hour
    if move.pickup_date is None:
        return
    today = business_date(now, zone)
    if move.is_same_day:
        yield from _same_day_problems(move, policies, now, zone)
    if move.pickup_date < today:
        yield "pickup_date", "The pickup date is in the past."
    elif move.pickup_date > today + timedelta(days=policies.booking_horizon_days):
        yield "pickup_date", f"Moves can be booked at most {policies.booking_horizon_days} days ahead."
    elif move.pickup_date == today and not wrong_hour and _has_ended(move, move.pickup_date, policies, now, zone):
        yield "pickup_date", "Today's pickup window has ended; choose a later window or another day."


def _hour_problems(move: Move) -> Problems:
    hour = move.specific_pickup_hour
    if move.pickup_time != "morning_specific":
        if hour is not None:
            yield "specific_pickup_hour", "An hour can be chosen only with morning_specific."
    elif hour is None:
        yield "specific_pickup_hour", "Choose the hour of your pickup window."
    elif not FIRST_PICKUP_HOUR <= hour <= LAST_PICKUP_HOUR:
        yield "specific_pickup_hour", f"Must be between {FIRST_PICKUP_HOUR} and {LAST_PICKUP_HOUR}."


def _same_day_problems(move: Move, policies: Policies, now: datetime, zone: ZoneInfo) -> Problems:
    if move.pickup_date != business_date(now, zone):
        yield "is_same_day", "Same-day delivery is for pickups today only."
    elif now.astimezone(zone).time() >= time.fromisoformat(policies.same_day_cutoff):
        yield "is_same_day", f"Same-day delivery can be booked until {policies.same_day_cutoff} only."


def _has_ended(move: Move, day: date, policies: Policies, now: datetime, zone: ZoneInfo) -> bool:
    return pickup_window(day, move.pickup_time, move.specific_pickup_hour, policies.pickup_windows, zone).end <= now
