"""What staff can add to the catalogue and change in it: each kind of thing with its own rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Contract
from shared.contracts.catalog import (
    MiniMovePackage,
    OrganizingService,
    ServiceZone,
    SpecialtyItem,
    StandardDeliveryConfig,
    SurchargeRule,
)

from catalog.domain.surcharge_rules import check_rule
from catalog.domain.zones import check_zone


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing in the catalogue.

    Its fields named in `identity` never change, because bookings and rules name the thing by them. `unique` are the
    sets of fields that no two of the kind share. `check` raises `Invalid` for fields that don't go together.
    """

    noun: str
    path: str
    contract: type[Contract]
    name_field: str = "name"
    identity: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    check: Callable[[Any], None] = lambda entity: None
    one_active: bool = False
    ordered: bool = False

    def label(self, fields: Any) -> str:
        """The thing in words, such as "Package Petite"."""
        return f"{self.noun[0].upper()}{self.noun[1:]} {fields.get(self.name_field) or ''}".strip()


PACKAGE = Kind("package", "packages", MiniMovePackage, identity=("package_type",), unique=(("package_type",),))
ORGANIZING = Kind(
    "organizing service",
    "organizing-services",
    OrganizingService,
    identity=("service_type", "mini_move_tier", "is_packing_service"),
    unique=(("service_type",), ("mini_move_tier", "is_packing_service")),
)
SPECIALTY = Kind("specialty item", "specialty-items", SpecialtyItem, identity=("item_type",), unique=(("item_type",),))
DELIVERY = Kind("standard delivery", "delivery-configs", StandardDeliveryConfig, one_active=True)
SURCHARGE = Kind("surcharge", "surcharges", SurchargeRule, check=check_rule)
ZONE = Kind("zone", "zones", ServiceZone, identity=("code",), unique=(("code",),), check=check_zone, ordered=True)
