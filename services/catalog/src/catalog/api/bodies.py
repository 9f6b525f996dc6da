"""What staff send to add something to the catalogue. Amounts are whole cents, percentages have two decimals."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from shared.contracts.base import PackageType, ServiceType, State
from shared.http.fields import Body, Day, Flag, Instant, Name, Text, WholeNumber, WrittenAs, example
from shared.money import MAXIMUM_CENTS

Cents = Annotated[WholeNumber, Field(ge=0, le=MAXIMUM_CENTS)]
Count = Annotated[WholeNumber, Field(ge=1, le=100_000)]
Description = Annotated[Text, StringConstraints(max_length=2000)]
Code = Annotated[str, WrittenAs(r"^[a-z0-9_]{1,50}$", "Use 1 to 50 small letters, digits and underscores.")]
Percentage = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
ZipCode = Annotated[str, WrittenAs(r"^[0-9]{5}$", "Enter a ZIP code such as 11937.")]
ZipPrefix = Annotated[str, WrittenAs(r"^[0-9]{3,4}$", "Enter the first three or four digits of ZIP codes.")]
DiscountText = Annotated[
    str,
    WrittenAs(r"^[A-Za-z0-9_-]{3,40}$", "Use 3 to 40 letters, digits, hyphens and underscores."),
    AfterValidator(str.upper),
]


class EntityFields(Body):
    """What everything in the catalogue has."""

    is_active: Flag = True


class PackageFields(
    EntityFields,
    json_schema_extra=example({"package_type": "petite", "name": "Petite", "base_price_cents": 99500, "max_items": 15}),
):
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


class OrganizingFields(
    EntityFields,
    json_schema_extra=example(
        {
            "service_type": "petite_packing",
            "mini_move_tier": "petite",
            "is_packing_service": True,
            "name": "Petite Packing",
            "price_cents": 140000,
            "duration_hours": 4,
            "organizer_count": 2,
        }
    ),
):
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


class SpecialtyFields(
    EntityFields,
    json_schema_extra=example(
        {"item_type": "peloton", "name": "Peloton", "price_cents": 50000, "max_quantity_per_booking": 2}
    ),
):
    """A thing that is moved by itself at its own price."""

    item_type: Code
    name: Name
    description: Description = ""
    price_cents: Cents
    requires_van_schedule: Flag = False
    special_handling: Flag = True
    max_quantity_per_booking: Count = 1


class DeliveryFields(
    EntityFields,
    json_schema_extra=example(
        {
            "price_per_item_cents": 9500,
            "minimum_items": 1,
            "minimum_charge_cents": 9500,
            "same_day_flat_rate_cents": 39500,
        }
    ),
):
    """Delivery by the item; an active one takes the place of the one before."""

    price_per_item_cents: Cents
    minimum_items: Count = 1
    minimum_charge_cents: Cents
    same_day_flat_rate_cents: Cents
    max_weight_per_item_lbs: Count = 50


class SurchargeFields(
    EntityFields,
    json_schema_extra=example(
        {
            "surcharge_type": "holiday",
            "name": "Independence Day",
            "calculation_type": "percentage",
            "percentage": "15.00",
            "specific_date": "2027-07-04",
        }
    ),
):
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


class ZoneFields(
    EntityFields,
    json_schema_extra=example(
        {"code": "shelter_island", "name": "Shelter Island", "states": ["NY"], "zip_codes": ["11964", "11965"]}
    ),
):
    """An area by states and ZIP codes; without ZIP codes it takes whole states.

    Zones are tried in the order of `position`, from 0; a new one comes before the last unless it says otherwise.
    """

    code: Code
    name: Name
    states: Annotated[tuple[State, ...], Field(max_length=3)]
    zip_codes: Annotated[tuple[ZipCode, ...], Field(max_length=2000)] = ()
    zip_prefixes: Annotated[tuple[ZipPrefix, ...], Field(max_length=200)] = ()
    position: Annotated[WholeNumber, Field(ge=0, le=1000)] | None = None


class DiscountCodeFields(
    EntityFields,
    json_schema_extra=example(
        {
            "code": "WELCOME10",
            "discount_type": "percentage",
            "value": "10.00",
            "max_uses": 100,
            "maximum_discount_cents": 20000,
        }
    ),
):
    """A discount code; `value` is per cent, or cents for a fixed discount. Codes are the same in any case.

    `valid_from` null means from now on.
    """

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
