"""Which zone an address falls in."""

from collections.abc import Iterable

from shared.contracts.catalog import CatalogSnapshot, ServiceZone

from booking.domain.move import Place

CORE = "core"


def zone_of(place: Place, catalog: CatalogSnapshot) -> ServiceZone | None:
    """The first zone, in the catalogue's order, that takes the place; nothing for a place outside of all zones."""
    return zone_among(catalog.service_zones, place)


def zone_among(zones: Iterable[ServiceZone], place: Place) -> ServiceZone | None:
    """The first of these zones that takes the place."""
    return next((zone for zone in zones if takes(zone, place)), None)


def takes(zone: ServiceZone, place: Place) -> bool:
    """Whether the zone covers the place. A zone without ZIP codes and prefixes covers its states whole."""
    if place.zone is not None:
        return place.zone == zone.code
    if place.state not in zone.states:
        return False
    if not zone.zip_codes and not zone.zip_prefixes:
        return True
    return place.zip5 in zone.zip_codes or place.zip5.startswith(zone.zip_prefixes)
