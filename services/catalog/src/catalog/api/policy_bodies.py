"""What staff send to change the terms of business."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from shared.contracts.base import PackageType, ServiceType
from shared.http.fields import Body, Day, WholeNumber, WrittenAs, example

from catalog.api.bodies import Cents

Percent = Annotated[WholeNumber, Field(ge=0, le=100)]
Hours = Annotated[WholeNumber, Field(ge=0, le=24 * 365)]
Units = Annotated[WholeNumber, Field(ge=0, le=10_000)]
TimeOfDay = Annotated[str, WrittenAs(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "Enter a time of day such as 08:30.")]


class TierBody(Body):
    """Until `hours_before` the pickup window opens, `refund_percent` of what was paid goes back."""

    hours_before: Hours
    refund_percent: Percent


class PolicyFields(
    Body,
    json_schema_extra=example(
        {
            "blackout_dates": ["2027-12-25"],
            "daily_capacity": {"mini_move": 8, "standard_delivery": 40, "specialty_item": 12},
        }
    ),
):
    """The terms of business; times are `HH:MM` in New York, fees are in cents.

    `time_window_fees_cents` is the price of a 1-hour window: per service type, for mini moves per package too; null
    means that it is not offered. In it and in `daily_capacity`, what is not named keeps its value; all other settings
    are replaced as a whole.
    """

    geographic_charge: Literal["once"] = "once"
    organizing_tax_percent: Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
    unpaid_expiry_hours: Annotated[WholeNumber, Field(ge=1, le=24 * 30)]
    same_day_cutoff: TimeOfDay
    booking_horizon_days: Annotated[WholeNumber, Field(ge=1, le=730)]
    cancellation_tiers: Annotated[tuple[TierBody, ...], Field(max_length=10)]
    free_reschedule_hours: Hours
    late_reschedule_fee_cents: Cents
    daily_capacity: dict[ServiceType, Units]
    pickup_windows: dict[str, tuple[TimeOfDay, TimeOfDay]]
    time_window_fees_cents: dict[ServiceType, Cents | dict[PackageType, Cents | None] | None]
    capacity_hold_minutes: Annotated[WholeNumber, Field(ge=1, le=24 * 60)]
    blackout_dates: Annotated[tuple[Day, ...], Field(max_length=400)]
