from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from catalog.domain.surcharge_rules import check_rule
from shared.contracts.catalog import SurchargeRule
from shared.errors import Invalid
from shared.ids import new_id

SATURDAYS = {"surcharge_type": "weekend", "applies_saturday": True}
CHRISTMAS = {"surcharge_type": "holiday", "specific_date": date(2026, 12, 25)}
MONTAUK = {"surcharge_type": "geographic", "zone": "montauk"}
FIXED = {"calculation_type": "fixed_amount", "fixed_amount_cents": 5000}
PERCENT = {"calculation_type": "percentage", "percentage": Decimal("12.50")}


def wrong_fields(**fields: Any) -> set[str]:
    rule = SurchargeRule.model_validate({"id": new_id(), "name": "A rule", **fields})
    try:
        check_rule(rule)
    except Invalid as refusal:
        return set(refusal.field_errors)
    return set()


@pytest.mark.parametrize("when", [SATURDAYS, CHRISTMAS, MONTAUK])
@pytest.mark.parametrize("amount", [FIXED, PERCENT])
def test_every_kind_of_rule_goes_with_either_calculation(when: dict[str, Any], amount: dict[str, Any]) -> None:
    assert wrong_fields(**when, **amount) == set()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (SATURDAYS | FIXED | {"specific_date": date(2026, 12, 26)}, {"specific_date"}),
        (SATURDAYS | FIXED | {"applies_saturday": False}, {"specific_date"}),
        (SATURDAYS | FIXED | {"zone": "core"}, {"zone"}),
        (CHRISTMAS | FIXED | {"applies_sunday": True}, {"specific_date"}),
        (MONTAUK | FIXED | {"zone": None}, {"zone"}),
        (MONTAUK | FIXED | {"applies_saturday": True}, {"applies_saturday"}),
        (MONTAUK | FIXED | {"specific_date": date(2026, 12, 25)}, {"specific_date"}),
        (SATURDAYS | FIXED | {"percentage": Decimal(5)}, {"percentage"}),
        (SATURDAYS | FIXED | {"fixed_amount_cents": 0}, {"fixed_amount_cents"}),
        (SATURDAYS | FIXED | {"fixed_amount_cents": 100_000_000}, {"fixed_amount_cents"}),
        (SATURDAYS | PERCENT | {"fixed_amount_cents": 1}, {"fixed_amount_cents"}),
        (SATURDAYS | PERCENT | {"percentage": None}, {"percentage"}),
        (SATURDAYS | PERCENT | {"percentage": Decimal("100.01")}, {"percentage"}),
        (SATURDAYS | PERCENT | {"percentage": Decimal("-1")}, {"percentage"}),
        (SATURDAYS | PERCENT | {"percentage": Decimal("1.005")}, {"percentage"}),
        (MONTAUK | PERCENT | {"zone": None, "percentage": None}, {"zone", "percentage"}),
    ],
)
def test_a_wrong_mix_is_refused_with_its_fields_named(fields: dict[str, Any], wrong: set[str]) -> None:
    assert wrong_fields(**fields) == wrong
