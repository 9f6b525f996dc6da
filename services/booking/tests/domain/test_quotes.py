"""Quote tokens hold for their own move, for 15 minutes, and only if they are ours."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from booking.domain.discounts import Discount
from booking.domain.move import Place
from booking.domain.pricing import price
from booking.domain.quotes import Promise, issue_quote, price_as_promised, read_quote

from ..factories import MANHATTAN, MONDAY, MONTAUK, NOW, a_catalog, a_mini_move

SECRET = "s" * 40
MOVE = a_mini_move("standard", pickup_date=MONDAY, pickup=MANHATTAN, delivery=MONTAUK)
QUOTE = issue_quote(SECRET, MOVE, price(MOVE, a_catalog(version=7)), NOW)


def test_a_token_promises_its_version_and_total() -> None:
    assert read_quote(SECRET, QUOTE.token, MOVE, NOW) == Promise(catalog_version=7, total_cents=184500)
    assert len(QUOTE.token) < 64


def test_a_token_ends_after_fifteen_minutes() -> None:
    assert read_quote(SECRET, QUOTE.token, MOVE, NOW + timedelta(minutes=14, seconds=59)) is not None
    assert read_quote(SECRET, QUOTE.token, MOVE, NOW + timedelta(minutes=15)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"package_type": "petite"},
        {"include_packing": True},
        {"coi_required": True},
        {"item_count": 3},
        {"pickup_date": None},
        {"pickup_time": "morning"},
        {"delivery": MANHATTAN},
        {"pickup": MONTAUK, "delivery": MANHATTAN},
        {"discount_code": "HELLO"},
    ],
)
def test_a_token_fits_no_other_move(changes: dict[str, Any]) -> None:
    assert read_quote(SECRET, QUOTE.token, replace(MOVE, **changes), NOW) is None


def test_the_extension_of_a_zip_code_changes_nothing() -> None:
    assert read_quote(SECRET, QUOTE.token, replace(MOVE, pickup=Place("NY", "10001-1234")), NOW) is not None


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 60, QUOTE.token[:-2], QUOTE.token + "AAAA", "=" * 9])
def test_what_is_no_token_of_ours_promises_nothing(token: str) -> None:
    assert read_quote(SECRET, token, MOVE, NOW) is None


def test_every_bit_of_a_token_counts() -> None:
    for position in range(len(QUOTE.token)):
        letter = "A" if QUOTE.token[position] != "A" else "B"
        forged = QUOTE.token[:position] + letter + QUOTE.token[position + 1 :]
        assert read_quote(SECRET, forged, MOVE, NOW) is None or position == len(QUOTE.token) - 1


def test_another_secret_reads_nothing() -> None:
    assert read_quote("o" * 40, QUOTE.token, MOVE, NOW) is None


def promised(total_cents: int, discount: Discount | None = None) -> int | None:
    """The total for which the move is booked whose quote promised `total_cents`."""
    held = price_as_promised(Promise(7, total_cents), MOVE, a_catalog(version=7), discount)
    return None if held is None else held.total_cents


@pytest.mark.parametrize(("total_cents", "held"), [(184_499, None), (184_500, 184_500), (184_501, None)])
def test_a_promise_that_its_version_does_not_give_is_none(total_cents: int, held: int | None) -> None:
    assert promised(total_cents) == held


@pytest.mark.parametrize(
    ("total_cents", "held"), [(160_000, 160_000), (166_050, 166_050), (184_500, 184_500), (184_501, None)]
)
def test_a_code_takes_off_what_it_took_off_when_it_was_quoted(total_cents: int, held: int | None) -> None:
    now_worth_a_tenth = Discount("HELLO", "percentage", Decimal(10))
    assert promised(total_cents, now_worth_a_tenth) == held


def test_a_code_that_can_not_be_used_any_more_holds_its_promise() -> None:
    ended = Discount("HELLO", "percentage", Decimal(10), minimum_order_cents=200_000)
    assert promised(170_000, ended) == 170_000
