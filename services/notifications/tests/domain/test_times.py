from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as some
from notifications.domain.times import after_quiet_hours, local_moment, reminded_day, run_sheet_day
from shared.clock import BUSINESS_TIMEZONE as NEW_YORK


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (utc(2026, 6, 19, 12, 59), date(2026, 6, 19)),
        (utc(2026, 6, 19, 13), date(2026, 6, 20)),
        (utc(2026, 6, 20, 3, 59), date(2026, 6, 20)),
        (utc(2026, 6, 20, 4), date(2026, 6, 20)),
        # Clocks go forward on March 8 and back on November 1 of 2026, at 2 in the night.
        (utc(2026, 3, 7, 14), date(2026, 3, 8)),
        (utc(2026, 3, 7, 13, 59), date(2026, 3, 7)),
        (utc(2026, 3, 8, 13), date(2026, 3, 9)),
        (utc(2026, 3, 8, 12, 59), date(2026, 3, 8)),
        (utc(2026, 10, 31, 13), date(2026, 11, 1)),
        (utc(2026, 11, 1, 13, 59), date(2026, 11, 1)),
        (utc(2026, 11, 1, 14), date(2026, 11, 2)),
    ],
)
def test_reminders_begin_at_nine_in_new_york_whatever_the_clocks_do(now: datetime, day: date) -> None:
    assert reminded_day(now, NEW_YORK) == day


def test_the_run_sheet_is_due_from_six_in_the_evening_until_the_next_morning() -> None:
    assert run_sheet_day(utc(2026, 6, 19, 12, 59), NEW_YORK) == date(2026, 6, 19)
    assert run_sheet_day(utc(2026, 6, 19, 13), NEW_YORK) is None
    assert run_sheet_day(utc(2026, 6, 19, 21, 59), NEW_YORK) is None
    assert run_sheet_day(utc(2026, 6, 19, 22), NEW_YORK) == date(2026, 6, 20)
    assert run_sheet_day(utc(2026, 12, 18, 23), NEW_YORK) == date(2026, 12, 19)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (utc(2026, 6, 20, 0, 59), utc(2026, 6, 20, 0, 59)),
        (utc(2026, 6, 20, 1), utc(2026, 6, 20, 12)),
        (utc(2026, 6, 20, 11, 59), utc(2026, 6, 20, 12)),
        (utc(2026, 6, 20, 12), utc(2026, 6, 20, 12)),
        (utc(2026, 3, 8, 3), utc(2026, 3, 8, 12)),
        (utc(2026, 11, 1, 2), utc(2026, 11, 1, 13)),
    ],
)
def test_at_night_an_sms_waits_for_eight_in_the_morning(moment: datetime, expected: datetime) -> None:
    assert after_quiet_hours(moment, NEW_YORK) == expected


@given(some.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=some.just(UTC)))
def test_what_waited_is_never_in_quiet_hours_and_never_early(moment: datetime) -> None:
    later = after_quiet_hours(moment, NEW_YORK)
    assert later >= moment
    assert time(8) <= later.astimezone(NEW_YORK).time() < time(21)


def test_a_local_moment_is_right_on_both_sides_of_a_change() -> None:
    assert local_moment(date(2026, 3, 7), time(9), NEW_YORK) == utc(2026, 3, 7, 14)
    assert local_moment(date(2026, 3, 8), time(9), NEW_YORK) == utc(2026, 3, 8, 13)
