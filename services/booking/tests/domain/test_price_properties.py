"""What is true of every price."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from booking.domain.discounts import Discount, DiscountUnusable
from booking.domain.move import Move, WantedItem
from booking.domain.pricing import NotChargeable, Price, price
from hypothesis import given
from hypothesis import strategies as st

from ..factories import GREENWICH, HOBOKEN, MANHATTAN, MONDAY, MONTAUK, QUEENS, a_catalog

CATALOG = a_catalog()

places = st.sampled_from([None, MANHATTAN, MONTAUK, QUEENS, GREENWICH, HOBOKEN])
days = st.none() | st.integers(0, 30).map(lambda days: MONDAY + timedelta(days=days))
common = {"pickup": places, "delivery": places, "pickup_date": days}

mini_moves = st.builds(
    Move,
    service_type=st.just("mini_move"),
    package_type=st.sampled_from(["petite", "standard", "full"]),
    include_packing=st.booleans(),
    include_unpacking=st.booleans(),
    coi_required=st.booleans(),
    pickup_time=st.sampled_from(["morning", "morning_specific", "no_time_preference"]),
    **common,
)
deliveries = st.builds(
    Move,
    service_type=st.just("standard_delivery"),
    item_count=st.integers(1, 5000),
    is_same_day=st.booleans(),
    **common,
)
items = st.builds(
    WantedItem,
    quantity=st.integers(1, 5),
    item_type=st.sampled_from(["peloton", "surfboard", "crib", "wardrobe_box"]),
)
specialties = st.builds(
    Move,
    service_type=st.just("specialty_item"),
    specialty_items=st.lists(items, min_size=1, max_size=5).map(tuple),
    **common,
)
moves = mini_moves | deliveries | specialties

discounts = st.none() | st.builds(
    Discount,
    code=st.just("CODE"),
    discount_type=st.just("percentage"),
    value=st.decimals(0, 100, places=2),
    minimum_order_cents=st.integers(0, 200_000),
    maximum_discount_cents=st.none() | st.integers(0, 500_000),
) | st.builds(
    Discount,
    code=st.just("CODE"),
    discount_type=st.just("fixed"),
    value=st.integers(0, 1_000_000).map(Decimal),
    maximum_discount_cents=st.none() | st.integers(0, 500_000),
)  # fmt: skip


def priced(move: Move, discount: Discount | None) -> Price | None:
    try:
        return price(move, CATALOG, discount)
    except (DiscountUnusable, NotChargeable):
        return None


@given(moves, discounts)
def test_a_total_is_never_negative_and_always_chargeable(move: Move, discount: Discount | None) -> None:
    if found := priced(move, discount):
        assert found.total_cents == 0 or 50 <= found.total_cents <= 99_999_999


@given(moves, discounts)
def test_a_discount_is_never_more_than_the_subtotal(move: Move, discount: Discount | None) -> None:
    if found := priced(move, discount):
        assert 0 <= found.amounts.discount_cents <= found.amounts.subtotal_cents
        assert found.total_cents == found.amounts.subtotal_cents - found.amounts.discount_cents


@given(deliveries, st.integers(1, 100))
def test_more_items_never_cost_less(move: Move, more: int) -> None:
    assert move.item_count is not None
    larger = replace(move, item_count=move.item_count + more)
    assert price(larger, CATALOG).amounts.subtotal_cents >= price(move, CATALOG).amounts.subtotal_cents


@given(specialties, items)
def test_one_more_specialty_item_never_costs_less(move: Move, item: WantedItem) -> None:
    larger = replace(move, specialty_items=(*move.specialty_items, item))
    assert price(larger, CATALOG).amounts.subtotal_cents > price(move, CATALOG).amounts.subtotal_cents


@given(moves, discounts)
def test_the_lines_add_up_to_the_total(move: Move, discount: Discount | None) -> None:
    if found := priced(move, discount):
        *charged, taken = found.lines
        assert sum(line.amount_cents for line in charged) - taken.amount_cents == found.total_cents


@given(moves, discounts)
def test_turning_the_move_around_costs_the_same(move: Move, discount: Discount | None) -> None:
    there = priced(move, discount)
    back = priced(replace(move, pickup=move.delivery, delivery=move.pickup), discount)
    assert (there and there.total_cents) == (back and back.total_cents)
