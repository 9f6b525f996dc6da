"""Which moves can be booked, and which fields are to blame."""

from typing import Any

import pytest
from booking.domain.addresses import place_problems, state_of_zip
from booking.domain.move import Move, Place, WantedItem, resolved
from booking.domain.rules import by_field, move_problems
from shared.clock import BUSINESS_TIMEZONE

from ..factories import NOW, a_catalog, a_delivery, a_mini_move, id_of, with_policies


def problems(move: Move, catalog: Any = None) -> set[str]:
    return set(by_field(move_problems(move, catalog or a_catalog(), NOW, BUSINESS_TIMEZONE)))


def specialty(*items: WantedItem, **values: Any) -> Move:
    return Move(service_type="specialty_item", specialty_items=items, **values)


@pytest.mark.parametrize(
    ("move", "fields"),
    [
        (a_mini_move("petite"), set()),
        (Move("mini_move"), {"package_type"}),
        (Move("mini_move", package_id=id_of("petite")), set()),
        (Move("mini_move", package_id=id_of("nothing")), {"package_id"}),
        (Move("mini_move", package_id=id_of("petite"), package_type="full"), {"package_id"}),
        (a_mini_move("petite", item_count=15), set()),
        (a_mini_move("petite", item_count=16), {"item_count"}),
        (a_mini_move("full", item_count=1000), set()),
        (a_mini_move("petite", is_same_day=True), {"is_same_day"}),
        (a_mini_move("petite", specialty_items=(WantedItem(1, item_type="crib"),)), {"specialty_items"}),
        (Move("standard_delivery"), {"item_count"}),
        (a_delivery(1, is_same_day=True), set()),
        (a_delivery(1, include_packing=True, coi_required=True), {"include_packing", "coi_required"}),
        (a_delivery(1, package_type="petite"), {"package_type"}),
        (specialty(), {"specialty_items"}),
        (specialty(WantedItem(1, item_type="peloton")), set()),
        (specialty(WantedItem(1, id=id_of("crib"))), set()),
        (specialty(WantedItem(1)), {"specialty_items.0.item_type"}),
        (specialty(WantedItem(1, item_type="piano")), {"specialty_items.0.item_type"}),
        (specialty(WantedItem(1, id=id_of("piano"))), {"specialty_items.0.id"}),
        (specialty(WantedItem(3, item_type="peloton")), {"specialty_items.0.quantity"}),
        (
            specialty(WantedItem(2, item_type="crib"), WantedItem(1, id=id_of("crib"))),
            {"specialty_items.1.quantity"},
        ),
        (specialty(WantedItem(2, item_type="crib"), WantedItem(4, item_type="surfboard")), {"specialty_items"}),
        (specialty(WantedItem(1, item_type="crib"), item_count=2), {"item_count"}),
    ],
)
def test_each_service_has_its_own_fields(move: Move, fields: set[str]) -> None:
    assert problems(move) == fields


def test_a_minimum_of_items_is_kept() -> None:
    config = {**a_catalog().standard_delivery.model_dump(mode="json"), "minimum_items": 3}
    catalog = a_catalog(standard_delivery=config)
    assert problems(a_delivery(2), catalog) == {"item_count"}
    assert problems(a_delivery(3), catalog) == set()


@pytest.mark.parametrize("fees", [{}, {"mini_move": None}, {"mini_move": {"standard": 17500, "petite": None}}])
def test_a_window_that_is_not_offered_is_refused(fees: Any) -> None:
    catalog = with_policies(time_window_fees_cents=fees)
    move = a_mini_move("petite", pickup_time="morning_specific", specific_pickup_hour=9)
    assert problems(move, catalog) == {"pickup_time"}


def test_packing_needs_a_service_of_the_tier() -> None:
    catalog = a_catalog(organizing_services=[])
    assert problems(a_mini_move("petite", include_packing=True, include_unpacking=True), catalog) == {
        "include_packing",
        "include_unpacking",
    }


def test_all_broken_rules_are_told_at_once() -> None:
    move = a_mini_move("petite", item_count=99, is_same_day=True, pickup_time="morning", specific_pickup_hour=9)
    assert problems(move) == {"item_count", "is_same_day", "specific_pickup_hour"}


def test_two_spellings_of_a_move_become_equal() -> None:
    catalog = a_catalog()
    by_type = specialty(WantedItem(1, item_type="surfboard"), WantedItem(2, item_type="crib"), discount_code="hi")
    by_id = specialty(WantedItem(2, id=id_of("crib")), WantedItem(1, id=id_of("surfboard")), discount_code="HI")
    assert resolved(by_type, catalog) == resolved(by_id, catalog)


@pytest.mark.parametrize(
    ("zip_code", "state"),
    [
        ("10001", "NY"), ("14999", "NY"), ("15000", None), ("09999", None), ("00501", "NY"), ("00601", None),
        ("06390", "NY"), ("06390-1234", "NY"), ("06389", "CT"), ("06001", "CT"), ("06999", "CT"), ("05999", None),
        ("07001", "NJ"), ("08999", "NJ"), ("09001", None), ("1000", None), ("10001-12", None), ("１００01", None),
        ("10001\n", None), ("", None),
    ],
)  # fmt: skip
def test_zip_codes_belong_to_states(zip_code: str, state: str | None) -> None:
    assert state_of_zip(zip_code) == state


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        (Place("NY", "10001"), set()),
        (Place("NY", "06390"), set()),
        (Place("CT", "06390"), {"zip"}),
        (Place("NJ", "10001"), {"zip"}),
        (Place("PA", "19101"), {"state"}),
        (Place("ny", "abc"), {"state", "zip"}),
    ],
)
def test_places_are_served_or_the_field_is_named(place: Place, fields: set[str]) -> None:
    assert set(by_field(place_problems(place, "state", "zip"))) == fields
