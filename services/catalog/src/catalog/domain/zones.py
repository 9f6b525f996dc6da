"""Which mixes of fields make a service zone."""

from shared.contracts.catalog import ServiceZone
from shared.errors import Invalid

from catalog.domain.service_area import state_of_zip


def check_zone(zone: ServiceZone) -> None:
    """Raises `Invalid` for no state at all, and for ZIP codes or prefixes in none of its states or given twice.

    Of a prefix only its first three digits tell a state; shorter ones may reach over borders.
    """
    errors: dict[str, list[str]] = {} if zone.states else {"states": ["Give at least one state."]}
    _each_once(errors, "states", zone.states)
    _each_once(errors, "zip_codes", zone.zip_codes)
    _each_once(errors, "zip_prefixes", zone.zip_prefixes)
    _in_states(errors, "zip_codes", zone.zip_codes, zone.states)
    _in_states(errors, "zip_prefixes", [prefix for prefix in zone.zip_prefixes if len(prefix) >= 3], zone.states)
    if errors:
        raise Invalid(errors)


def _each_once(errors: dict[str, list[str]], field: str, values: tuple[str, ...]) -> None:
    if len(set(values)) < len(values):
        errors.setdefault(field, []).append("Give each only once.")


def _in_states(
    errors: dict[str, list[str]], field: str, codes: tuple[str, ...] | list[str], states: tuple[str, ...]
) -> None:
    for code in codes:
        if state_of_zip(code) not in states:
            errors.setdefault(field, []).append(f"{code} is in none of this zone's states.")
