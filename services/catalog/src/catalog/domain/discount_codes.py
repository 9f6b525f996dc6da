"""Which terms of a discount code go together."""

from decimal import Decimal

from shared.contracts.catalog import DiscountCodeState
from shared.errors import Invalid
from shared.money import MAXIMUM_CENTS

HUNDRED = Decimal(100)
HUNDREDTH = Decimal("0.01")


def check_discount_code(code: DiscountCodeState) -> None:
    """Raises `Invalid` with an error for each field that contradicts another."""
    errors = {}
    if sentence := _value_error(code):
        errors["value"] = [sentence]
    if code.valid_until is not None and code.valid_until <= code.valid_from:
        errors["valid_until"] = ["Must be after the code begins to be valid."]
    if len(set(code.allowed_service_types)) < len(code.allowed_service_types):
        errors["allowed_service_types"] = ["Give each service type only once."]
    if errors:
        raise Invalid(errors)


def _value_error(code: DiscountCodeState) -> str:
    if code.discount_type == "percentage":
        if not 0 < code.value <= HUNDRED:
            return "Must be above 0 and at most 100 per cent."
        return "" if code.value == code.value.quantize(HUNDREDTH) else "At most two decimals."
    if code.value != code.value.to_integral_value():
        return "Enter whole cents."
    return "" if 1 <= code.value <= MAXIMUM_CENTS else "Enter an amount in cents."
