"""`GET /api/bookings/availability/`."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict
from shared.contracts.base import PickupTime, ServiceType
from shared.contracts.catalog import SurchargeRule
from shared.errors import Invalid
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Day
from shared.http.identity import Caller

from booking.domain.day_windows import OpenWindow
from booking.queries.availability import Availability, DayOffer

USUAL_DAYS = 31
MOST_DAYS = 92
CACHED = {"Cache-Control": "public, max-age=5"}

FromQuery = Annotated[Day | None, Query(alias="from", description="The first day; today when it is left out.")]
ToQuery = Annotated[Day | None, Query(alias="to", description="The last day; 92 days can be asked for at once.")]


class WindowAnswer(BaseModel):
    """A pickup window that can be chosen; the hour is that of a 1-hour window. Its span is in UTC."""

    pickup_time: PickupTime
    specific_pickup_hour: int | None
    start: datetime
    end: datetime


class DaySurchargeAnswer(BaseModel):
    """What a move on that day costs more: a percentage of the base price, or cents."""

    type: Literal["weekend", "holiday"]
    name: str
    calculation_type: Literal["percentage", "fixed_amount"]
    percentage: Decimal | None
    fixed_amount_cents: int | None


class DayAnswer(BaseModel):
    """A day; `limited` means that few places are left."""

    date: date
    status: Literal["open", "limited", "full"]
    windows: list[WindowAnswer]
    surcharges: list[DaySurchargeAnswer]


class AvailabilityAnswer(BaseModel):
    """The days that were asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service_type": "mini_move",
                    "days": [
                        {
                            "date": "2026-11-28",
                            "status": "limited",
                            "windows": [
                                {
                                    "pickup_time": "morning",
                                    "specific_pickup_hour": None,
                                    "start": "2026-11-28T13:00:00Z",
                                    "end": "2026-11-28T16:00:00Z",
                                }
                            ],
                            "surcharges": [
                                {
                                    "type": "weekend",
                                    "name": "Weekend",
                                    "calculation_type": "percentage",
                                    "percentage": "15.00",
                                    "fixed_amount_cents": None,
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    )

    service_type: ServiceType | None
    days: list[DayAnswer]


def availability_routes(availability: Availability) -> APIRouter:
    """Which days are free."""
    router = APIRouter(prefix="/api/bookings", tags=["Bookings"])

    @router.get("/availability/", response_model=AvailabilityAnswer, summary="Which days can be booked")
    async def days_to_book(
        first: FromQuery = None,
        last: ToQuery = None,
        service_type: ServiceType | None = None,
        caller: Caller = access.anyone(),
    ) -> Response:
        """Day by day what is open, limited or full; without a service type as open as the freest of them."""
        begins, ends = _span(first or availability.today, last)
        days = await availability.days(begins, ends, service_type)
        return answer({"service_type": service_type, "days": [_day(day) for day in days]}, headers=CACHED)

    return router


def _span(first: date, last: date | None) -> tuple[date, date]:
    ends = last or first + timedelta(days=USUAL_DAYS - 1)
    if ends < first:
        raise Invalid({"to": ["Must not be before the first day."]})
    if (ends - first).days >= MOST_DAYS:
        raise Invalid({"to": [f"At most {MOST_DAYS} days can be asked for at once."]})
    return first, ends


def _day(offer: DayOffer) -> dict[str, Any]:
    return {
        "date": offer.day,
        "status": offer.status,
        "windows": [_window(window) for window in offer.windows],
        "surcharges": [_surcharge(rule) for rule in offer.surcharges],
    }


def _window(window: OpenWindow) -> dict[str, Any]:
    return {
        "pickup_time": window.pickup_time,
        "specific_pickup_hour": window.specific_pickup_hour,
        "start": window.span.start,
        "end": window.span.end,
    }


def _surcharge(rule: SurchargeRule) -> dict[str, Any]:
    return {
        "type": rule.surcharge_type,
        "name": rule.name,
        "calculation_type": rule.calculation_type,
        "percentage": None if rule.percentage is None else str(rule.percentage),
        "fixed_amount_cents": rule.fixed_amount_cents,
    }
