"""Which mixes of fields make a surcharge rule."""

from decimal import Decimal

from shared.contracts.catalog import SurchargeRule
from shared.errors import Invalid
from shared.money import MAXIMUM_CENTS

HUNDRED = Decimal(100)
HUNDREDTH = Decimal("0.01")


def check_rule(rule: SurchargeRule) -> None:
    """Raises `Invalid` with an error for each field that the rule's kind or calculation does not allow.

    A rule charges either a percentage or a fixed amount. It applies either on one date, or on weekend days, or, when it
    is geographic, in a zone.
    """
    errors = _amount_errors(rule) | (_zone_errors(rule) if rule.surcharge_type == "geographic" else _day_errors(rule))
    if errors:
        raise Invalid({field: [sentence] for field, sentence in errors.items()})


def _amount_errors(rule: SurchargeRule) -> dict[str, str]:
    if rule.calculation_type == "percentage":
        unwanted, error = "fixed_amount_cents", _percentage_error(rule.percentage)
        errors = {"percentage": error} if error else {}
    else:
        unwanted, amount = "percentage", rule.fixed_amount_cents
        errors = {} if amount and 0 < amount <= MAXIMUM_CENTS else {"fixed_amount_cents": "Enter an amount in cents."}
    if getattr(rule, unwanted) is not None:
        errors[unwanted] = "This does not go with the calculation type."
    return errors


def _percentage_error(percentage: Decimal | None) -> str:
    if percentage is None:
        return "Enter a percentage."
    if not 0 <= percentage <= HUNDRED:
        return "Must be between 0 and 100."
    return "" if percentage == percentage.quantize(HUNDREDTH) else "At most two decimals."


def _zone_errors(rule: SurchargeRule) -> dict[str, str]:
    errors = {} if rule.zone else {"zone": "A geographic rule needs a zone."}
    if rule.specific_date:
        errors["specific_date"] = "A geographic rule applies on every day."
    for field in ("applies_saturday", "applies_sunday"):
        if getattr(rule, field):
            errors[field] = "A geographic rule applies on every day."
    return errors


def _day_errors(rule: SurchargeRule) -> dict[str, str]:
    on_weekends = rule.applies_saturday or rule.applies_sunday
    errors = {"zone": "Only geographic rules have a zone."} if rule.zone else {}
    if rule.specific_date and on_weekends:
        errors["specific_date"] = "Give either a date or weekend days, not both."
    if not rule.specific_date and not on_weekends:
        errors["specific_date"] = "Give a date, or Saturday or Sunday."
    return errors
