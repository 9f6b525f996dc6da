"""What the catalogue's endpoints take and answer. Amounts are whole cents; `*_dollars` show the same for people."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints
from shared.contracts.catalog import (
    MiniMovePackage,
    OrganizingService,
    Policies,
    SpecialtyItem,
    StandardDeliveryConfig,
    SurchargeRule,
)
from shared.http.fields import Body, Flag, Name, Text, WholeNumber
from shared.money import MAXIMUM_CENTS, dollars

Dollars = int | float
Cents = Annotated[WholeNumber, Field(ge=0, le=MAXIMUM_CENTS)]
Pounds = Annotated[WholeNumber, Field(ge=1, le=100_000)]
ItemCount = Annotated[WholeNumber, Field(ge=1, le=100_000)]


class PackageAnswer(MiniMovePackage):
    """A mini move of one size."""

    base_price_dollars: Dollars
    coi_fee_dollars: Dollars


class OrganizingAnswer(OrganizingService):
    """Packing or unpacking for mini moves of one tier."""

    price_dollars: Dollars
    supplies_allowance_dollars: Dollars


class SpecialtyItemAnswer(SpecialtyItem):
    """A thing moved by itself."""

    price_dollars: Dollars


class StandardDeliveryAnswer(StandardDeliveryConfig):
    """Delivery by the item."""

    price_per_item_dollars: Dollars
    minimum_charge_dollars: Dollars
    same_day_flat_rate_dollars: Dollars


class SurchargeAnswer(SurchargeRule):
    """A surcharge that may come on top."""

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


def _optional() -> Any:
    """A field that may be left out and has no value then; what is sent is always checked."""
    return Field(default_factory=lambda: None)


class PackageChange(Body):
    """The fields of a package that change; those left out stay."""

    name: Name = _optional()
    description: Annotated[Text, StringConstraints(max_length=2000)] = _optional()
    base_price_cents: Cents = _optional()
    max_items: ItemCount | None = _optional()
    max_weight_per_item_lbs: Pounds = _optional()
    coi_included: Flag = _optional()
    coi_fee_cents: Cents = _optional()
    is_most_popular: Flag = _optional()
    priority_scheduling: Flag = _optional()
    protective_wrapping: Flag = _optional()
    is_active: Flag = _optional()


class StaffPackageAnswer(PackageAnswer):
    """A package as staff see it, and the catalogue version that the change made."""

    is_active: bool
    created_at: datetime
    updated_at: datetime
    catalog_version: int

    @classmethod
    def of(cls, row: dict[str, Any]) -> "StaffPackageAnswer":
        """The answer for a package's row."""
        in_dollars = {
            "base_price_dollars": dollars(row["base_price_cents"]),
            "coi_fee_dollars": dollars(row["coi_fee_cents"]),
        }
        return cls.model_validate(row | in_dollars)
