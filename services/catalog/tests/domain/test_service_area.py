import pytest
from catalog.commands.load_catalog import LISTS
from catalog.domain.service_area import ServiceArea, service_area
from catalog.first_data import first_data
from shared.contracts.catalog import CatalogSnapshot
from shared.errors import Invalid
from shared.ids import new_id

NOWHERE = ServiceArea(serviceable=False)


@pytest.fixture(scope="module")
def catalog() -> CatalogSnapshot:
    content = first_data()
    lists = {name: [{"id": new_id(), **entity} for entity in content[name]] for name in LISTS}
    return CatalogSnapshot.model_validate(
        {"version": 1, "standard_delivery": {"id": new_id(), **content["standard_delivery"]},
         "policies": content["policies"], **lists}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zip_code", "state", "zone", "cents"),
    [
        ("10001", "NY", "core", 0),
        ("11201", "NY", "core", 0),
        ("11937", "NY", "core", 0),
        ("11937-4321", "NY", "core", 0),
        ("11937", None, "core", 0),
        (" 11937 ", "ny", "core", 0),
        ("11954", "NY", "amagansett_montauk", 12000),
        ("11930", "NY", "amagansett_montauk", 12000),
        ("06830", "CT", "ct_nj", 22000),
        ("07030", "NJ", "ct_nj", 22000),
        ("07030", None, "ct_nj", 22000),
        ("14201", "NY", "outside_core", 17500),
        ("10301", "NY", "outside_core", 17500),
        ("06390", "NY", "outside_core", 17500),
    ],
)
def test_an_address_falls_in_the_first_zone_that_takes_it(
    catalog: CatalogSnapshot, zip_code: str, state: str | None, zone: str, cents: int
) -> None:
    assert service_area(zip_code, state, catalog) == ServiceArea(True, zone, cents)


@pytest.mark.parametrize(("zip_code", "state"), [("90210", "CA"), ("90210", None), ("02116", "MA"), ("10001", "CA")])
def test_other_states_are_not_served(catalog: CatalogSnapshot, zip_code: str, state: str | None) -> None:
    assert service_area(zip_code, state, catalog) == NOWHERE


@pytest.mark.parametrize(
    ("zip_code", "state", "field"),
    [
        ("1193", "NY", "zip"),
        ("119377", "NY", "zip"),
        ("11937-", "NY", "zip"),
        ("١١٩٣٧", "NY", "zip"),
        ("", "NY", "zip"),
        ("11937", "CT", "zip"),
        ("90210", "NY", "zip"),
        ("06390", "CT", "zip"),
        ("11937", "New York", "state"),
        ("11937", "N1", "state"),
    ],
)
def test_what_is_no_address_of_ours_is_a_field_error(
    catalog: CatalogSnapshot, zip_code: str, state: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        service_area(zip_code, state, catalog)
    assert set(refusal.value.field_errors) == {field}


def test_a_rule_for_one_service_type_alone_is_left_to_quotes(catalog: CatalogSnapshot) -> None:
    rules = [
        rule.model_copy(update={"applies_to_service_type": "mini_move"}) if rule.zone == "ct_nj" else rule
        for rule in catalog.surcharge_rules
    ]
    changed = catalog.model_copy(update={"surcharge_rules": tuple(rules)})
    assert service_area("07030", "NJ", changed) == ServiceArea(True, "ct_nj", 0)
