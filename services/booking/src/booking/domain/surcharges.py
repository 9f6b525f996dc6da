"""Surcharges by day and by zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.contracts.base import ServiceType
from shared.contracts.catalog import CatalogSnapshot, SurchargeRule
from shared.money import percent_of

from booking.domain.move import Move

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A rule that applied and what it added, in cents. `type` is weekend, holiday, geographic or time_window."""

    type: str
    name: str
    amount_cents: int


def day_surcharges(move: Move, base_cents: int, catalog: CatalogSnapshot) -> list[Surcharge]:
    """Every weekend and holiday rule that fits the service and the pickup day; none for same-day deliveries."""
    if move.pickup_date is None or move.is_same_day:
        return []
    return [
        _applied(rule, base_cents)
        for rule in catalog.surcharge_rules
        if rule.surcharge_type != "geographic"
        and _fits_service(rule, move.service_type)
        and _fits_day(rule, move.pickup_date)
    ]


def rules_of_day(day: date, types: Sequence[ServiceType], catalog: CatalogSnapshot) -> list[SurchargeRule]:
    """The weekend and holiday rules that a move of one of the types meets on that day."""
    return [
        rule
        for rule in catalog.surcharge_rules
        if rule.surcharge_type != "geographic"
        and _fits_day(rule, day)
        and any(_fits_service(rule, one) for one in types)
    ]


def geographic_surcharge(
    zones: Sequence[str], service_type: ServiceType, base_cents: int, catalog: CatalogSnapshot
) -> Surcharge | None:
    """The dearest geographic rule of the zones, once, however many of the places it fits."""
    matching = [
        _applied(rule, base_cents)
        for rule in catalog.surcharge_rules
        if rule.surcharge_type == "geographic" and rule.zone in zones and _fits_service(rule, service_type)
    ]
    return max(matching, key=lambda surcharge: surcharge.amount_cents, default=None)


def _applied(rule: SurchargeRule, base_cents: int) -> Surcharge:
    if rule.calculation_type == "percentage" and rule.percentage is not None:
        return Surcharge(rule.surcharge_type, rule.name, percent_of(base_cents, rule.percentage))
    return Surcharge(rule.surcharge_type, rule.name, rule.fixed_amount_cents or 0)


def _fits_service(rule: SurchargeRule, service_type: ServiceType) -> bool:
    return rule.applies_to_service_type in ("all", service_type)


def _fits_day(rule: SurchargeRule, day: date) -> bool:
    if rule.specific_date is not None:
        return rule.specific_date == day
    weekday = day.weekday()
    return (rule.applies_saturday and weekday == SATURDAY) or (rule.applies_sunday and weekday == SUNDAY)
