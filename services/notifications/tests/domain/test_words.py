from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from notifications.domain.words import price_lines, what_is_moved, words_of
from shared.clock import BUSINESS_TIMEZONE
from shared.contracts.booking_state import BookedItem, BookingState, PriceLines

ABookingFactory = Callable[..., BookingState]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Mini move, Standard package, with packing"),
        ({"package_type": "full", "include_packing": False}, "Mini move, Full Move package"),
        ({"include_unpacking": True}, "Mini move, Standard package, with packing and unpacking"),
        ({"service_type": "standard_delivery", "item_count": 3}, "Standard delivery of 3 items"),
        ({"service_type": "standard_delivery", "item_count": 1, "is_same_day": True}, "Same-day delivery of 1 item"),
    ],
)
def test_what_is_moved(a_booking: ABookingFactory, values: dict[str, object], words: str) -> None:
    assert what_is_moved(a_booking(**values)) == words


def test_specialty_items_are_counted(a_booking: ABookingFactory) -> None:
    items = (
        BookedItem(item_type="crib", name="Crib", quantity=2, unit_price_cents=35000),
        BookedItem(item_type="peloton", name="Peloton", quantity=1, unit_price_cents=50000),
    )
    assert what_is_moved(a_booking(service_type="specialty_item", specialty_items=items)) == "2 × Crib, 1 × Peloton"


@pytest.mark.parametrize(
    ("start", "end", "day", "window"),
    [
        ((2026, 6, 20, 12), (2026, 6, 20, 15), "Saturday, June 20, 2026", "8:00 AM to 11:00 AM"),
        ((2026, 12, 5, 13), (2026, 12, 5, 23), "Saturday, December 5, 2026", "8:00 AM to 6:00 PM"),
        ((2026, 6, 20, 16), (2026, 6, 20, 17), "Saturday, June 20, 2026", "12:00 PM to 1:00 PM"),
    ],
)
def test_windows_are_told_in_new_york_time(
    a_booking: ABookingFactory, start: tuple[int, ...], end: tuple[int, ...], day: str, window: str
) -> None:
    booking = a_booking(window_start=datetime(*start, tzinfo=UTC), window_end=datetime(*end, tzinfo=UTC))  # type: ignore[misc,arg-type]
    words = words_of(booking, BUSINESS_TIMEZONE)
    assert (words.day, words.window) == (day, window)


def test_the_price_shows_each_line_that_costs_or_saves_something() -> None:
    prices = PriceLines(base_price_cents=99500, time_window_surcharge_cents=17500, discount_cents=1050)
    lines = [(line.label, line.amount) for line in price_lines(prices, "SPRING")]
    assert lines == [("Move", "$995.00"), ("1-hour pickup window", "$175.00"), ("Discount SPRING", "-$10.50")]


@pytest.mark.parametrize(
    ("status", "total", "payable"), [("pending", 5000, True), ("pending", 0, False), ("paid", 5000, False)]
)
def test_only_a_pending_booking_that_costs_something_is_payable(
    a_booking: ABookingFactory, status: str, total: int, payable: bool
) -> None:
    booking = a_booking(status=status, prices=PriceLines(total_price_cents=total))
    assert words_of(booking, BUSINESS_TIMEZONE).is_payable is payable
