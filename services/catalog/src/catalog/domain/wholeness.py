"""What a catalogue must have so that every booking can be priced with it."""

from shared.contracts.catalog import CatalogSnapshot
from shared.errors import Conflict

EVERY_STATE = {"NY", "CT", "NJ"}


class CatalogTooLarge(Conflict):
    """The catalogue goes to all services in one message, and this one would not fit in."""

    code = "catalog_too_large"
    message = (
        "The catalogue would become too large. Shorten descriptions, or take out of use what is not sold any more."
    )


class ZoneInUse(Conflict):
    """A zone can't go while an active surcharge is charged in it."""

    code = "zone_in_use"
    message = "An active surcharge belongs to this zone. Deactivate the surcharge first."


class NoZoneForTheRest(Conflict):
    """The last zone must take every address that no other takes, or some addresses could not be priced."""

    code = "no_zone_for_the_rest"
    message = "The last zone must take all addresses in NY, CT and NJ that no other zone takes."


def check_whole(catalog: CatalogSnapshot) -> None:
    """Raises `ZoneInUse` or `NoZoneForTheRest`."""
    codes = {zone.code for zone in catalog.service_zones}
    for rule in catalog.surcharge_rules:
        if rule.zone is not None and rule.zone not in codes:
            raise ZoneInUse(f"The surcharge “{rule.name}” belongs to a zone that is not active.", zone=rule.zone)
    last = catalog.service_zones[-1] if catalog.service_zones else None
    if last is None or last.zip_codes or last.zip_prefixes or set(last.states) < EVERY_STATE:
        raise NoZoneForTheRest()
