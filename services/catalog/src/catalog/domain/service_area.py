"""Where we drive, and what the distance costs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.contracts.base import State
from shared.contracts.catalog import CatalogSnapshot, ServiceZone, SurchargeRule
from shared.errors import Invalid

_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_STATE = re.compile(r"[A-Z]{2}")

ZIP_PREFIXES: dict[State, tuple[range, ...]] = {
    "CT": (range(60, 70),),
    "NJ": (range(70, 90),),
    "NY": (range(5, 6), range(100, 150)),
}
"""The first three digits of the ZIP codes of each state that we serve, as the Postal Service gives them out."""

FISHERS_ISLAND = "06390"
"""Belongs to New York, though its mail goes through Connecticut."""


@dataclass(frozen=True, slots=True)
class ServiceArea:
    """Whether an address is served, and its zone's surcharge in cents; both null where we don't drive."""

    serviceable: bool
    zone: str | None = None
    surcharge_cents: int | None = None


def state_of_zip(zip_code: str) -> State | None:
    """The state that a ZIP code belongs to, if it is one of ours."""
    if zip_code.startswith(FISHERS_ISLAND):
        return "NY"
    prefix = int(zip_code[:3])
    return next((state for state, ranges in ZIP_PREFIXES.items() if any(prefix in part for part in ranges)), None)


def service_area(zip_code: str, state: str | None, catalog: CatalogSnapshot) -> ServiceArea:
    """What the catalogue says of an address; raises `Invalid` for what is no ZIP code or not of that `state`.

    Without a state the ZIP code decides.
    """
    belongs_to = _checked(zip_code.strip(), state.strip().upper() if state else None)
    zone = zone_of(zip_code.strip(), belongs_to, catalog.service_zones) if belongs_to else None
    if zone is None:
        return ServiceArea(serviceable=False)
    return ServiceArea(True, zone.code, dearest_fixed_amount(zone.code, catalog.surcharge_rules))


def _checked(zip_code: str, state: str | None) -> State | None:
    if not _ZIP.fullmatch(zip_code):
        raise Invalid({"zip": ["Enter a ZIP code such as 11937 or 11937-1234."]})
    if state is not None and not _STATE.fullmatch(state):
        raise Invalid({"state": ["Enter a state as two letters, such as NY."]})
    belongs_to = state_of_zip(zip_code)
    if state in ZIP_PREFIXES and belongs_to != state:
        raise Invalid({"zip": [f"This ZIP code is not in {state}."]})
    return belongs_to if state in (None, belongs_to) else None


def zone_of(zip_code: str, state: State, zones: Sequence[ServiceZone]) -> ServiceZone | None:
    """The first zone, in the order of the catalogue, that takes the address."""
    return next((zone for zone in zones if state in zone.states and _takes(zone, zip_code)), None)


def _takes(zone: ServiceZone, zip_code: str) -> bool:
    takes_whole_states = not zone.zip_codes and not zone.zip_prefixes
    return takes_whole_states or zip_code[:5] in zone.zip_codes or zip_code.startswith(zone.zip_prefixes)


def dearest_fixed_amount(zone: str, rules: Iterable[SurchargeRule]) -> int:
    """The largest fixed surcharge of a zone in cents, 0 if it has none.

    Percentages depend on what is booked, and so does a rule for one service type alone; a quote tells those.
    """
    amounts = [rule.fixed_amount_cents or 0 for rule in rules if _is_general(rule) and rule.zone == zone]
    return max(amounts, default=0)


def _is_general(rule: SurchargeRule) -> bool:
    return rule.surcharge_type == "geographic" and rule.applies_to_service_type == "all"
