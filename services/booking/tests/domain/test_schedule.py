"""Days and windows in the time of New York."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from booking.domain.move import Move
from booking.domain.rules import by_field
from booking.domain.schedule import pickup_window, schedule_problems
from shared.clock import BUSINESS_TIMEZONE

from ..factories import NOW, a_catalog, a_delivery, a_mini_move, with_policies

POLICIES = a_catalog().policies
TODAY = date(2026, 11, 23)


def problems(move: Move, now: datetime = NOW, **policies: Any) -> dict[str, list[str]]:
    rules = with_policies(**policies).policies if policies else POLICIES
    return by_field(schedule_problems(move, rules, now, BUSINESS_TIMEZONE))


def window(day: date, pickup_time: Any, hour: int | None = None) -> tuple[datetime, datetime]:
    found = pickup_window(day, pickup_time, hour, POLICIES.pickup_windows, BUSINESS_TIMEZONE)
    return found.start, found.end


def utc(day: int, hour: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2026, 11, 30), utc(30, 13), utc(30, 16)),
        (date(2026, 7, 1), utc(1, 12, 7), utc(1, 15, 7)),
        (date(2026, 10, 31), utc(31, 12, 10), utc(31, 15, 10)),
        (date(2026, 11, 1), utc(1, 13), utc(1, 16)),  # the clocks went back in the night
        (date(2027, 3, 14), utc(14, 12, 3, 2027), utc(14, 15, 3, 2027)),  # and forward
    ],
)
def test_a_window_is_wall_clock_time_on_its_own_day(day: date, opens: datetime, closes: datetime) -> None:
    assert window(day, "morning") == (opens, closes)


def test_a_specific_hour_is_a_window_of_one_hour() -> None:
    assert window(date(2026, 11, 30), "morning_specific", 18) == (utc(30, 23), utc(1, 0, 12))


def test_the_past_begins_at_midnight_in_new_york() -> None:
    late = utc(24, 4)  # still the 23rd there
    assert "pickup_date" not in problems(a_mini_move(pickup_date=date(2026, 11, 24)), late)
    assert problems(a_mini_move(pickup_date=date(2026, 11, 22)), late)["pickup_date"] == [
        "The pickup date is in the past."
    ]


def test_the_horizon_is_365_days() -> None:
    assert problems(a_mini_move(pickup_date=date(2027, 11, 23))) == {}
    assert "pickup_date" in problems(a_mini_move(pickup_date=date(2027, 11, 24)))


@pytest.mark.parametrize(("hour", "ended"), [(15, False), (16, True), (17, True)])
def test_today_can_be_booked_until_its_window_ends(hour: int, ended: bool) -> None:
    found = problems(a_mini_move(pickup_date=TODAY, pickup_time="morning"), utc(23, hour))
    assert ("pickup_date" in found) is ended


def test_a_window_without_preference_ends_in_the_evening() -> None:
    assert problems(a_mini_move(pickup_date=TODAY), utc(23, 22)) == {}
    assert "pickup_date" in problems(a_mini_move(pickup_date=TODAY), utc(23, 23))


@pytest.mark.parametrize(
    ("day", "now", "refused"),
    [
        (TODAY, utc(23, 15), False),
        (TODAY, utc(23, 17), True),  # noon
        (date(2026, 11, 24), utc(23, 15), True),
    ],
)
def test_same_day_is_for_today_and_until_noon(day: date, now: datetime, refused: bool) -> None:
    assert ("is_same_day" in problems(a_delivery(is_same_day=True, pickup_date=day), now)) is refused


@pytest.mark.parametrize(
    ("pickup_time", "hour", "refused"),
    [
        ("morning_specific", None, True),
        ("morning_specific", 7, True),
        ("morning_specific", 8, False),
        ("morning_specific", 18, False),
        ("morning_specific", 19, True),
        ("morning", 9, True),
        ("no_time_preference", 9, True),
        ("morning", None, False),
    ],
)
def test_an_hour_goes_with_a_specific_window_and_only_with_it(pickup_time: Any, hour: Any, refused: bool) -> None:
    move = a_mini_move(pickup_date=date(2026, 11, 30), pickup_time=pickup_time, specific_pickup_hour=hour)
    assert ("specific_pickup_hour" in problems(move)) is refused
