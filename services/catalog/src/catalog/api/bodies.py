"""What staff send to add something to the catalogue. Amounts are whole cents, percentages have two decimals."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from shared.contracts.base import PackageType, ServiceType, State
from shared.http.fields import Body, Day, Flag, Instant, Name, Text, WholeNumber
from shared.money import MAXIMUM_CENTS

Cents = Annotated[WholeNumber, Field(ge=0, le=MAXIMUM_CENTS)]
Count = Annotated[WholeNumber, Field(ge=1, le=100_000)]
Description = Annotated[Text, StringConstraints(max_length=2000)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,50}$")]
Percentage = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
ZipCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
ZipPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{3,4}$")]
DiscountText = Annotated[
    str,
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^[A-Z0-9_-]{3,40}$"),
]


class EntityFields(Body):
    """What everything in the catalogue has."""

    is_active: Flag = True


class PackageFields(EntityFields):
    """A mini move of one size; `max_items` null means no limit."""

    package_type: PackageType
    name: Name
    description: Description = ""
    base_price_cents: Cents
    max_items: Count | None = None
    max_weight_per_item_lbs: Count = 50
    coi_included: Flag = False
    coi_fee_cents: Cents = 5000
    is_most_popular: Flag = False
    priority_scheduling: Flag = False
    protective_wrapping: Flag = False


class OrganizingFields(EntityFields):
    """Packing or unpacking for the mini moves of one tier."""

    service_type: Code
    mini_move_tier: PackageType
    is_packing_service: Flag
    name: Name
    description: Description = ""
    price_cents: Cents
    duration_hours: Count
    organizer_count: Count
    supplies_allowance_cents: Cents = 0


class SpecialtyFields(EntityFields):
    """A thing that is moved by itself at its own price."""

    item_type: Code
    name: Name
    description: Description = ""
    price_cents: Cents
    requires_van_schedule: Flag = False
    special_handling: Flag = True
    max_quantity_per_booking: Count = 1


class DeliveryFields(EntityFields):
    """Delivery by the item; an active one takes the place of the one before."""

    price_per_item_cents: Cents
    minimum_items: Count = 1
    minimum_charge_cents: Cents
    same_day_flat_rate_cents: Cents
    max_weight_per_item_lbs: Count = 50


class SurchargeFields(EntityFields):
    """A surcharge on one date, on weekend days, or in a zone; a percentage of the base price or a fixed amount."""

    surcharge_type: Literal["weekend", "holiday", "geographic"]
    name: Name
    description: Description = ""
    applies_to_service_type: Literal["all", "mini_move", "standard_delivery", "specialty_item"] = "all"
    calculation_type: Literal["percentage", "fixed_amount"]
    percentage: Percentage | None = None
    fixed_amount_cents: Cents | None = None
    specific_date: Day | None = None
    applies_saturday: Flag = False
    applies_sunday: Flag = False
    zone: Code | None = None


class ZoneFields(EntityFields):
    """An area by states and ZIP codes; without ZIP codes it takes whole states.

    Zones are tried in the order of `position`, from 0; a new one comes before the last unless it says otherwise.
    """

    code: Code
    name: Name
    states: Annotated[tuple[State, ...], Field(max_length=3)]
    zip_codes: Annotated[tuple[ZipCode, ...], Field(max_length=2000)] = ()
    zip_prefixes: Annotated[tuple[ZipPrefix, ...], Field(max_length=200)] = ()
    position: Annotated[WholeNumber, Field(ge=0, le=1000)] | None = None


class DiscountCodeFields(EntityFields):
    """A discount code; `value` is per cent, or cents for a fixed discount. Codes are the same in any case."""

    code: DiscountText
    discount_type: Literal["percentage", "fixed"]
    value: Annotated[Decimal, Field(gt=0, le=MAXIMUM_CENTS, max_digits=10, decimal_places=2)]
    max_uses: Count | None = None
    max_uses_per_customer: Count = 1
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    minimum_order_cents: Cents = 0
    maximum_discount_cents: Cents | None = None
    allowed_service_types: Annotated[tuple[ServiceType, ...], Field(max_length=3)] = ()
