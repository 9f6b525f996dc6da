"""Events of the catalogue: all that is sold, as one versioned snapshot."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Contract, Event, PackageType, ServiceType

CATALOG_ID = UUID("01900000-0000-7000-8000-00000000ca7a")
"""The catalogue is one aggregate; its versions are the catalogue versions."""


class MiniMovePackage(Contract):
    """A mini move of one size. Prices in cents, weight in pounds; `max_items` null means no limit."""

    id: UUID
    package_type: PackageType
    name: str
    description: str = ""
    base_price_cents: int
    max_items: int | None = None
    max_weight_per_item_lbs: int = 50
    coi_included: bool = False
    coi_fee_cents: int = 5000
    is_most_popular: bool = False
    priority_scheduling: bool = False
    protective_wrapping: bool = False


class OrganizingService(Contract):
    """Packing or unpacking for the mini moves of one tier."""

    id: UUID
    service_type: str
    mini_move_tier: PackageType
    is_packing_service: bool
    name: str
    description: str = ""
    price_cents: int
    duration_hours: int
    organizer_count: int
    supplies_allowance_cents: int = 0


class SpecialtyItem(Contract):
    """A thing that is moved by itself at its own price."""

    id: UUID
    item_type: str
    name: str
    description: str = ""
    price_cents: int
    requires_van_schedule: bool = False
    special_handling: bool = True
    max_quantity_per_booking: int = 1


class StandardDeliveryConfig(Contract):
    """Delivery by the item."""

    id: UUID
    price_per_item_cents: int
    minimum_items: int
    minimum_charge_cents: int
    same_day_flat_rate_cents: int
    max_weight_per_item_lbs: int


class SurchargeRule(Contract):
    """A surcharge for weekend days, one date, or a zone; a percentage of the base price or a fixed amount."""

    id: UUID
    surcharge_type: Literal["weekend", "holiday", "geographic"]
    name: str
    description: str = ""
    applies_to_service_type: Literal["all", "mini_move", "standard_delivery", "specialty_item"] = "all"
    calculation_type: Literal["percentage", "fixed_amount"]
    percentage: Decimal | None = None
    fixed_amount_cents: int | None = None
    specific_date: date | None = None
    applies_saturday: bool = False
    applies_sunday: bool = False
    zone: str | None = None


class ServiceZone(Contract):
    """An area with its own geographic surcharge; zones are tried in the order of the snapshot."""

    id: UUID
    code: str
    name: str
    states: tuple[str, ...]
    zip_codes: tuple[str, ...] = ()
    zip_prefixes: tuple[str, ...] = ()


class CancellationTier(Contract):
    """Until `hours_before` the pickup window opens, `refund_percent` of what was paid is refunded."""

    hours_before: int
    refund_percent: int


class Policies(Contract):
    """The settings of the business. Times are `HH:MM` in the business time zone, fees in cents.

    `time_window_fees_cents`: per service type the price of a 1-hour window, for mini moves per package; null or
    absent means not offered.
    """

    organizing_tax_percent: Decimal
    geographic_charge: Literal["once"] = "once"
    unpaid_expiry_hours: int = 24
    same_day_cutoff: str = "12:00"
    booking_horizon_days: int = 365
    cancellation_tiers: tuple[CancellationTier, ...]
    free_reschedule_hours: int = 48
    late_reschedule_fee_cents: int = 5000
    daily_capacity: dict[ServiceType, int]
    pickup_windows: dict[str, tuple[str, str]]
    time_window_fees_cents: dict[ServiceType, int | dict[PackageType, int | None] | None]
    capacity_hold_minutes: int = 30
    blackout_dates: tuple[date, ...] = ()


class CatalogSnapshot(Contract):
    """All active parts of the catalogue at one version."""

    version: int
    mini_move_packages: tuple[MiniMovePackage, ...]
    organizing_services: tuple[OrganizingService, ...]
    specialty_items: tuple[SpecialtyItem, ...]
    standard_delivery: StandardDeliveryConfig
    surcharge_rules: tuple[SurchargeRule, ...]
    service_zones: tuple[ServiceZone, ...]
    policies: Policies


class CatalogPublished(Event):
    """A new version of the catalogue is live."""

    type: ClassVar[str] = "catalog.published.v1"
    aggregate: ClassVar[str] = "catalog"

    catalog: CatalogSnapshot = Field(description="The whole catalogue at this version.")

    @property
    def aggregate_id(self) -> UUID:
        return CATALOG_ID


class DiscountCodeState(Contract):
    """A discount code at one version. `code` is upper case; `value` is per cent, or cents for a fixed discount.

    `max_uses` null means any number; an empty `allowed_service_types` means all of them.
    """

    id: UUID
    version: int
    code: str
    is_active: bool = True
    discount_type: Literal["percentage", "fixed"]
    value: Decimal
    max_uses: int | None = None
    max_uses_per_customer: int = 1
    valid_from: datetime
    valid_until: datetime | None = None
    minimum_order_cents: int = 0
    maximum_discount_cents: int | None = None
    allowed_service_types: tuple[ServiceType, ...] = ()


class DiscountCodeChanged(Event):
    """A discount code was made, changed, or taken out of use."""

    type: ClassVar[str] = "discount_code.changed.v1"
    aggregate: ClassVar[str] = "discount_code"

    discount_code: DiscountCodeState

    @property
    def aggregate_id(self) -> UUID:
        return self.discount_code.id
