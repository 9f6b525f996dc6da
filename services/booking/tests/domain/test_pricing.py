"""Every line of the price, with values worked out by hand from the first catalogue."""

from decimal import Decimal
from typing import Any

import pytest
from booking.domain.discounts import Discount, DiscountUnusable
from booking.domain.move import Move, WantedItem
from booking.domain.pricing import NotChargeable, Price, price
from shared.contracts.catalog import CatalogSnapshot

from ..factories import (
    FRIDAY,
    GREENWICH,
    HOBOKEN,
    MANHATTAN,
    MONTAUK,
    QUEENS,
    SATURDAY,
    SUNDAY,
    a_catalog,
    a_delivery,
    a_mini_move,
    with_rules,
)

LINES = ("base", "surcharge", "coi", "organizing", "tax", "geographic", "window")
FIELDS = (
    "base_price_cents",
    "surcharge_cents",
    "coi_fee_cents",
    "organizing_total_cents",
    "organizing_tax_cents",
    "geographic_surcharge_cents",
    "time_window_surcharge_cents",
)


def specialty(**quantities: int) -> Move:
    items = tuple(WantedItem(quantity, item_type=name) for name, quantity in quantities.items())
    return Move(service_type="specialty_item", specialty_items=items)


def amounts(found: Price) -> dict[str, int]:
    by_name = zip(LINES, (getattr(found.amounts, field) for field in FIELDS), strict=True)
    return {name: cents for name, cents in by_name if cents}


@pytest.mark.parametrize(
    ("move", "lines", "total"),
    [
        (a_mini_move("petite"), {"base": 99500}, 99500),
        (a_mini_move("standard"), {"base": 172500}, 172500),
        (a_mini_move("full"), {"base": 249000}, 249000),
        # 8.75 % of 3,330.00 is 291.375, half a cent goes up.
        (a_mini_move("standard", include_packing=True), {"base": 172500, "organizing": 333000, "tax": 29138}, 534638),
        # 8.75 % of 2,110.00 is 184.625.
        (a_mini_move("petite", include_unpacking=True), {"base": 99500, "organizing": 211000, "tax": 18463}, 328963),
        # 5,070.00 + 4,525.00 = 9,595.00, of which 8.75 % is 839.5625.
        (
            a_mini_move("full", include_packing=True, include_unpacking=True),
            {"base": 249000, "organizing": 959500, "tax": 83956},
            1292456,
        ),
        (a_mini_move("petite", coi_required=True), {"base": 99500, "coi": 5000}, 104500),
        (a_mini_move("standard", coi_required=True), {"base": 172500, "coi": 5000}, 177500),
        (a_mini_move("full", coi_required=True), {"base": 249000}, 249000),
        (a_delivery(1), {"base": 9500}, 9500),
        (a_delivery(7), {"base": 66500}, 66500),
        (a_delivery(7, is_same_day=True), {"base": 39500}, 39500),
        (specialty(peloton=1), {"base": 50000}, 50000),
        (specialty(peloton=1, surfboard=2, wardrobe_box=1), {"base": 147500}, 147500),
        # Weekend rules are for standard deliveries, and not for same-day ones.
        (a_delivery(2, pickup_date=FRIDAY), {"base": 19000}, 19000),
        (a_delivery(2, pickup_date=SATURDAY), {"base": 19000, "surcharge": 5000}, 24000),
        (a_delivery(2, pickup_date=SUNDAY), {"base": 19000, "surcharge": 5000}, 24000),
        (a_delivery(2, pickup_date=SATURDAY, is_same_day=True), {"base": 39500}, 39500),
        (a_mini_move("petite", pickup_date=SATURDAY), {"base": 99500}, 99500),
        # One geographic charge per booking: that of the dearer place.
        (a_delivery(1, pickup=MANHATTAN, delivery=MANHATTAN), {"base": 9500}, 9500),
        (a_delivery(1, pickup=MANHATTAN, delivery=MONTAUK), {"base": 9500, "geographic": 12000}, 21500),
        (a_delivery(1, pickup=QUEENS, delivery=MONTAUK), {"base": 9500, "geographic": 17500}, 27000),
        (a_delivery(1, pickup=GREENWICH, delivery=QUEENS), {"base": 9500, "geographic": 22000}, 31500),
        (a_delivery(1, pickup=GREENWICH, delivery=HOBOKEN), {"base": 9500, "geographic": 22000}, 31500),
        (a_delivery(1, pickup=HOBOKEN), {"base": 9500, "geographic": 22000}, 31500),
        (a_delivery(1, is_same_day=True, delivery=GREENWICH), {"base": 39500, "geographic": 22000}, 61500),
        # A 1-hour window costs with the standard package only.
        (a_mini_move("petite", pickup_time="morning_specific", specific_pickup_hour=9), {"base": 99500}, 99500),
        (
            a_mini_move("standard", pickup_time="morning_specific", specific_pickup_hour=9),
            {"base": 172500, "window": 17500},
            190000,
        ),
        (a_mini_move("full", pickup_time="morning_specific", specific_pickup_hour=9), {"base": 249000}, 249000),
        (a_delivery(1, pickup_time="morning_specific", specific_pickup_hour=9), {"base": 9500}, 9500),
        (a_mini_move("standard", pickup_time="morning"), {"base": 172500}, 172500),
    ],
)
def test_each_rule_gives_the_amount_worked_out_by_hand(move: Move, lines: dict[str, int], total: int) -> None:
    found = price(move, a_catalog())
    assert amounts(found) == lines
    assert found.amounts.subtotal_cents == found.total_cents == total


HOLIDAY = {
    "surcharge_type": "holiday", "name": "Thanksgiving weekend", "calculation_type": "percentage",
    "percentage": "12.5", "specific_date": SATURDAY.isoformat(),
}  # fmt: skip
WEEKEND = {
    "surcharge_type": "weekend", "name": "Weekend", "calculation_type": "fixed_amount", "fixed_amount_cents": 5000,
    "applies_saturday": True,
}  # fmt: skip


def test_all_rules_that_fit_the_day_add_up_each_rounded_half_up() -> None:
    found = price(a_mini_move("petite", pickup_date=SATURDAY), with_rules(HOLIDAY, WEEKEND))
    # 12.5 % of 995.00 is 124.375.
    assert found.amounts.surcharge_cents == 12438 + 5000
    assert [(one.type, one.amount_cents) for one in found.surcharges] == [("holiday", 12438), ("weekend", 5000)]


def test_a_saturday_rule_leaves_sundays_alone() -> None:
    assert price(a_mini_move(pickup_date=SUNDAY), with_rules(HOLIDAY, WEEKEND)).amounts.surcharge_cents == 0


def test_a_geographic_percentage_is_of_the_base_price_and_the_dearer_rule_wins() -> None:
    zone = {"surcharge_type": "geographic", "zone": "ct_nj"}
    share = {**zone, "name": "Share", "calculation_type": "percentage", "percentage": "30"}
    fixed = {**zone, "name": "Fixed", "calculation_type": "fixed_amount", "fixed_amount_cents": 22000}
    found = price(a_mini_move("petite", delivery=GREENWICH), with_rules(share, fixed))
    assert found.amounts.geographic_surcharge_cents == 29850
    assert [one.name for one in found.surcharges] == ["Share"]


def test_small_deliveries_pay_the_minimum_charge() -> None:
    config = {
        "price_per_item_cents": 9500, "minimum_items": 1, "minimum_charge_cents": 20000,
        "same_day_flat_rate_cents": 39500, "max_weight_per_item_lbs": 50,
    }  # fmt: skip
    catalog = a_catalog(standard_delivery=config)
    assert [price(a_delivery(count), catalog).total_cents for count in (1, 2, 3)] == [20000, 20000, 28500]


def code(**terms: Any) -> Discount:
    return Discount(code="HELLO", **{"discount_type": "percentage", "value": Decimal(10), **terms})


@pytest.mark.parametrize(
    ("discount", "taken"),
    [
        (code(), 9950),
        (code(value=Decimal("33.33")), 33163),  # 33.33 % of 995.00 is 331.6335
        (code(maximum_discount_cents=5000), 5000),
        (code(minimum_order_cents=99500), 9950),
        (code(discount_type="fixed", value=Decimal(2000)), 2000),
        (code(discount_type="fixed", value=Decimal(500_000)), 99500),
        (code(allowed_service_types=("mini_move",)), 9950),
    ],
)
def test_a_discount_takes_its_share_of_the_subtotal_and_never_more_than_all(discount: Discount, taken: int) -> None:
    found = price(a_mini_move("petite"), a_catalog(), discount)
    assert (found.amounts.discount_cents, found.total_cents) == (taken, 99500 - taken)


@pytest.mark.parametrize(
    "discount", [code(minimum_order_cents=99501), code(allowed_service_types=("standard_delivery",))]
)
def test_a_discount_that_is_not_meant_for_this_order_is_refused(discount: Discount) -> None:
    with pytest.raises(DiscountUnusable):
        price(a_mini_move("petite"), a_catalog(), discount)


def test_all_lines_at_once() -> None:
    move = a_mini_move(
        "standard", include_packing=True, include_unpacking=True, coi_required=True, pickup_date=SATURDAY,
        pickup_time="morning_specific", specific_pickup_hour=9, pickup=MANHATTAN, delivery=MONTAUK,
    )  # fmt: skip
    montauk = {
        "surcharge_type": "geographic", "name": "Montauk", "calculation_type": "fixed_amount",
        "fixed_amount_cents": 12000, "zone": "amagansett_montauk",
    }  # fmt: skip
    found = price(move, with_rules({**HOLIDAY, "percentage": "10"}, montauk), code(maximum_discount_cents=50000))
    assert amounts(found) == {
        "base": 172500, "organizing": 621500, "tax": 54381, "coi": 5000, "surcharge": 17250, "geographic": 12000,
        "window": 17500,
    }  # fmt: skip
    assert (found.amounts.subtotal_cents, found.amounts.discount_cents, found.total_cents) == (900131, 50000, 850131)


@pytest.mark.parametrize("left", [1, 49])
def test_a_total_that_no_card_can_be_charged_is_refused(left: int) -> None:
    with pytest.raises(NotChargeable):
        price(a_delivery(1), a_catalog(), code(discount_type="fixed", value=Decimal(9500 - left)))


@pytest.mark.parametrize("left", [0, 50])
def test_nothing_and_fifty_cents_can_be_charged(left: int) -> None:
    discount = code(discount_type="fixed", value=Decimal(9500 - left))
    assert price(a_delivery(1), a_catalog(), discount).total_cents == left


def test_a_price_beyond_the_largest_charge_is_refused() -> None:
    with pytest.raises(NotChargeable):
        price(a_delivery(10_600), a_catalog())


def test_every_line_is_explained_by_its_rule_and_a_sentence() -> None:
    found = price(a_mini_move("standard", delivery=MONTAUK), a_catalog(version=7))
    assert found.catalog_version == 7
    assert sum(line.amount_cents for line in found.lines[:-1]) == found.amounts.subtotal_cents
    assert [line.name for line in found.lines] == [
        "base_price", "organizing_total", "organizing_tax", "coi_fee", "surcharge", "geographic_surcharge",
        "time_window_surcharge", "discount",
    ]  # fmt: skip
    assert all(line.rule and line.sentence.endswith(".") for line in found.lines)


@pytest.mark.parametrize(
    ("places", "outside"),
    [((MANHATTAN, MANHATTAN), False), ((MANHATTAN, MONTAUK), True), ((QUEENS, MANHATTAN), True)],
)
def test_outside_the_core_area_follows_from_the_zones(places: Any, outside: bool) -> None:
    catalog: CatalogSnapshot = a_catalog()
    assert price(a_mini_move(pickup=places[0], delivery=places[1]), catalog).is_outside_core_area is outside
