"""Days and windows as New York sees them, places of a day, and what a change leaves to be settled."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from booking.domain.booking import Actor
from booking.domain.capacity import load_of, nearest_days, places_of
from booking.domain.changed_prices import kept_price, late_fee, with_extras
from booking.domain.day_windows import open_windows
from booking.domain.pricing import price
from booking.domain.rescheduling import CannotReschedule, Terms, check_reschedulable, rescheduled, slot_problems
from booking.domain.settling import Account, amount_due, settled, shares
from booking.domain.slots import Slot, moved_to
from shared.contracts.base import ServiceType
from shared.ids import new_id

from ..factories import a_booking, a_catalog, a_delivery, a_mini_move, with_policies

NEW_YORK = ZoneInfo("America/New_York")
MINI_MOVE: list[ServiceType] = ["mini_move"]
CATALOG = a_catalog()
TERMS = Terms(CATALOG, CATALOG.policies, NEW_YORK)
HALF_PAST_EIGHT_IN_THE_EVENING = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
"""In New York it is still 30 November, 20:30."""


def at(*parts: int) -> datetime:
    """An instant by New York's clocks."""
    return datetime(*parts, tzinfo=NEW_YORK).astimezone(UTC)  # type: ignore[arg-type]


def a_paid_booking(total: int, paid: int, **values: Any) -> Any:
    now = at(2026, 11, 23, 10)
    return a_booking(
        status="paid", total_price_cents=total, paid_cents=paid, paid_at=now, paid_payment_id=new_id(), **values
    )


def test_in_the_evening_today_is_still_today_in_new_york() -> None:
    booking = a_booking(pickup_date=date(2026, 12, 10))
    move = moved_to(
        a_delivery(is_same_day=True), Slot(date(2026, 11, 30), "morning"), HALF_PAST_EIGHT_IN_THE_EVENING, NEW_YORK
    )
    assert move.is_same_day
    problems = dict(slot_problems(booking, move, TERMS, HALF_PAST_EIGHT_IN_THE_EVENING))
    assert set(problems) == {"pickup_date"}
    tomorrow = moved_to(move, Slot(date(2026, 12, 1), "morning"), HALF_PAST_EIGHT_IN_THE_EVENING, NEW_YORK)
    assert not tomorrow.is_same_day
    assert list(slot_problems(booking, tomorrow, TERMS, HALF_PAST_EIGHT_IN_THE_EVENING)) == []


def test_a_same_day_delivery_gets_a_later_window_of_its_day_in_the_afternoon() -> None:
    now, today = at(2026, 11, 30, 13), date(2026, 11, 30)
    booking = a_booking(is_same_day=True, pickup_date=today, pickup_time="morning_specific", specific_pickup_hour=16)
    move = moved_to(a_delivery(is_same_day=True), Slot(today, "morning_specific", 18), now, NEW_YORK)
    assert move.is_same_day
    assert list(slot_problems(booking, move, TERMS, now)) == []
    others = a_booking(is_same_day=True, pickup_date=date(2026, 11, 29))
    assert [field for field, _ in slot_problems(others, move, TERMS, now)] == ["pickup_date"]


def test_in_the_evening_nothing_of_today_is_offered_and_all_of_tomorrow() -> None:
    now = HALF_PAST_EIGHT_IN_THE_EVENING
    assert open_windows(date(2026, 11, 30), MINI_MOVE, CATALOG, now, NEW_YORK) == []
    assert len(open_windows(date(2026, 12, 1), MINI_MOVE, CATALOG, now, NEW_YORK)) == 13


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2026, 11, 1), datetime(2026, 11, 1, 13, tzinfo=UTC)),
        (date(2027, 3, 14), datetime(2027, 3, 14, 12, tzinfo=UTC)),
        (date(2026, 12, 31), datetime(2026, 12, 31, 13, tzinfo=UTC)),
        (date(2027, 1, 1), datetime(2027, 1, 1, 13, tzinfo=UTC)),
    ],
)
def test_a_booking_moves_to_the_clocks_of_its_new_day(day: date, opens: datetime) -> None:
    booking, now = a_booking(), at(2026, 10, 1, 9)
    move = moved_to(a_mini_move(), Slot(day, "morning"), now, NEW_YORK)
    priced = price(move, CATALOG)
    moved = rescheduled(booking, move, priced, priced.amounts, Actor("customer"), TERMS, now, "")
    assert (moved.window_start, moved.window_end) == (opens, opens + timedelta(hours=3))


@pytest.mark.parametrize(("day", "month", "year"), [(1, 11, 2026), (14, 3, 2027), (1, 1, 2027)])
def test_forty_eight_hours_are_hours_and_not_days_of_the_calendar(day: int, month: int, year: int) -> None:
    opens = at(year, month, day, 8)
    booking = a_booking(window_start=opens, window_end=opens + timedelta(hours=3))
    last = opens - timedelta(hours=48)
    assert late_fee(booking, CATALOG.policies, last) == 0
    assert late_fee(booking, CATALOG.policies, last + timedelta(seconds=1)) == 5000


def test_a_booking_moves_to_the_windows_that_are_on_offer_now() -> None:
    windows = {"morning": ["09:00", "12:00"], "no_time_preference": ["08:00", "18:00"]}
    terms = Terms(CATALOG, with_policies(pickup_windows=windows).policies, NEW_YORK)
    booking, now = a_booking(pickup_time="no_time_preference"), at(2026, 11, 30, 11, 30)
    move = moved_to(a_mini_move(), Slot(date(2026, 11, 30), "morning"), now, NEW_YORK)
    assert list(slot_problems(booking, move, terms, now)) == []
    priced = price(move, CATALOG)
    later = rescheduled(booking, move, priced, priced.amounts, Actor("staff"), terms, now, "")
    assert (later.window_start, later.window_end) == (at(2026, 11, 30, 9), at(2026, 11, 30, 12))


def test_new_year_is_one_day_away() -> None:
    found = nearest_days(date(2026, 12, 31), date(2026, 12, 30), date(2027, 12, 31), lambda _: True)
    assert found == [date(2026, 12, 30), date(2027, 1, 1), date(2027, 1, 2)]


def test_nearest_days_are_never_beyond_what_can_be_booked() -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 3)
    assert nearest_days(first, first, last, lambda _: True) == [date(2026, 12, 2), date(2026, 12, 3)]
    assert nearest_days(first, first, last, lambda _: False) == []


@pytest.mark.parametrize(
    ("places", "used", "load"),
    [(8, 0, "open"), (8, 5, "open"), (8, 6, "limited"), (8, 8, "full"), (8, 9, "full"), (0, 0, "full")],
)
def test_a_day_is_limited_when_a_quarter_is_left(places: int, used: int, load: str) -> None:
    assert load_of(places, used) == load


def test_a_blackout_date_takes_nobody() -> None:
    policies = with_policies(blackout_dates=["2026-12-25"], daily_capacity={"mini_move": 8}).policies
    days = (date(2026, 12, 24), date(2026, 12, 25))
    assert [places_of(policies, "mini_move", day) for day in days] == [8, 0]
    assert places_of(policies, "specialty_item", days[0]) == 0


def test_once_the_window_has_begun_only_staff_move_it() -> None:
    booking = a_booking()
    with pytest.raises(CannotReschedule):
        check_reschedulable(booking, Actor("customer"), booking.window_start)
    check_reschedulable(booking, Actor("staff"), booking.window_start)


def test_what_is_missing_is_one_open_adjustment() -> None:
    first = settled(a_paid_booking(120_00, 100_00), 100_00, 5_00).booking
    assert first.adjustments == [{"number": 1, "amount_cents": 20_00, "status": "open", "fee_cents": 5_00}]
    due = amount_due(first)
    assert due is not None
    assert (due.purpose, due.cents) == ("adjustment:1", 20_00)
    assert settled(first, 100_00).booking.adjustments == first.adjustments


def test_what_is_too_much_goes_back_once() -> None:
    settlement = settled(a_paid_booking(80_00, 100_00), 100_00)
    assert (settlement.refund_cents, settlement.booking.returned_cents) == (20_00, 20_00)
    assert settled(settlement.booking, 80_00).refund_cents == 0


def test_no_more_goes_back_than_there_is() -> None:
    settlement = settled(a_paid_booking(80_00, 100_00), 5_00)
    assert (settlement.refund_cents, settlement.booking.returned_cents) == (5_00, 5_00)


@pytest.mark.parametrize(("missing", "waived"), [(1, 1), (49, 49), (50, 0)])
def test_a_difference_that_no_card_can_be_charged_is_waived(missing: int, waived: int) -> None:
    booking = settled(a_paid_booking(100_00 + missing, 100_00), 100_00).booking
    assert (booking.prices["waived_cents"], len(booking.adjustments)) == (waived, 0 if waived else 1)
    assert booking.total_price_cents == 100_00 + missing - waived


def test_refunds_come_from_the_newest_payment_first() -> None:
    old, new = new_id(), new_id()
    accounts = [Account(old, 100_00), Account(new, 30_00)]
    assert shares(accounts, 50_00) == [(new, 30_00), (old, 20_00)]
    assert shares(accounts, 500_00) == [(new, 30_00), (old, 100_00)]
    assert shares([*accounts, Account(new_id(), 0)], 10_00) == [(new, 10_00)]


def test_fees_are_on_top_of_the_agreed_price() -> None:
    amounts = kept_price(a_mini_move(), CATALOG, None).amounts
    together = with_extras(amounts, 5000, 10_000)
    assert together.total_price_cents == 10_000 + 5000
    assert together.price_override_cents == 10_000 - amounts.total_price_cents
    assert (together.reschedule_fee_cents, together.subtotal_cents) == (5000, amounts.subtotal_cents + 5000)
