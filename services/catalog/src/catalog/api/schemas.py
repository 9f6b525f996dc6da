"""What the catalogue's endpoints take and answer. Amounts are whole cents; `*_dollars` show the same for people."""

from pydantic import BaseModel
from shared.contracts.catalog import (
    MiniMovePackage,
    OrganizingService,
    Policies,
    ServiceZone,
    SpecialtyItem,
    StandardDeliveryConfig,
    SurchargeRule,
)

Dollars = int | float


class PackageAnswer(MiniMovePackage):
    """A mini move of one size."""

    is_active: bool
    base_price_dollars: Dollars
    coi_fee_dollars: Dollars


class OrganizingAnswer(OrganizingService):
    """Packing or unpacking for mini moves of one tier."""

    is_active: bool
    price_dollars: Dollars
    supplies_allowance_dollars: Dollars


class SpecialtyItemAnswer(SpecialtyItem):
    """A thing moved by itself."""

    is_active: bool
    price_dollars: Dollars


class StandardDeliveryAnswer(StandardDeliveryConfig):
    """Delivery by the item."""

    is_active: bool
    price_per_item_dollars: Dollars
    minimum_charge_dollars: Dollars
    same_day_flat_rate_dollars: Dollars


class SurchargeAnswer(SurchargeRule):
    """A surcharge that may come on top."""

    is_active: bool
    fixed_amount_dollars: Dollars | None


class PoliciesAnswer(Policies):
    """The terms of business."""

    late_reschedule_fee_dollars: Dollars


class ServicesAnswer(BaseModel):
    """All that is sold."""

    mini_move_packages: list[PackageAnswer]
    standard_delivery: StandardDeliveryAnswer
    specialty_items: list[SpecialtyItemAnswer]
    organizing_services: list[OrganizingAnswer]
    surcharges: list[SurchargeAnswer]
    policies: PoliciesAnswer
    catalog_version: int


class OrganizingByTier(BaseModel):
    """Organizing services by the tier of mini move that they go with."""

    petite: list[OrganizingAnswer]
    standard: list[OrganizingAnswer]
    full: list[OrganizingAnswer]


class PackagesAnswer(BaseModel):
    """Mini moves and what can be added to each."""

    packages: list[PackageAnswer]
    organizing_services_by_tier: OrganizingByTier


class ServiceAreaAnswer(BaseModel):
    """Whether we drive to an address; zone and surcharge are null where we don't."""

    serviceable: bool
    zone: str | None
    surcharge_cents: int | None
    surcharge_dollars: Dollars | None


class ZoneAnswer(ServiceZone):
    """An area with a surcharge of its own."""
