"""The shapes of answers, for the OpenAPI document. Routes write the JSON itself, which costs less."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from shared.contracts.base import BookingStatus, PackageType, PickupTime, ServiceType
from shared.contracts.booking_state import Address, PriceLines

from booking.api.document_models import CustomerDocument
from booking.api.rating_models import RatingShown

Dollars = int | float


class SurchargeAnswer(BaseModel):
    """A surcharge that applied: weekend, holiday, geographic or time_window."""

    type: str
    name: str
    amount_cents: int
    amount_dollars: Dollars


class ExplanationAnswer(BaseModel):
    """Why a line of a price is what it is."""

    line: str
    amount_cents: int
    amount_dollars: Dollars
    rule: str
    catalog_version: int
    sentence: str


class Breakdown(PriceLines):
    """Every line of a price in cents; the total goes by the name of its line too."""

    total_cents: int


class QuoteAnswer(BaseModel):
    """A price and the token that keeps it."""

    base_price_dollars: Dollars
    surcharges: list[SurchargeAnswer]
    total_price_cents: int
    total_price_dollars: Dollars
    breakdown: Breakdown
    explanations: list[ExplanationAnswer]
    is_outside_core_area: bool
    catalog_version: int
    quote_token: str
    expires_at: datetime


class PricingAnswer(Breakdown):
    """A booked price."""

    base_price_dollars: Dollars
    total_price_dollars: Dollars
    surcharges: list[SurchargeAnswer]
    explanations: list[ExplanationAnswer]


class ItemAnswer(BaseModel):
    """A specialty item of a booking."""

    item_type: str
    name: str
    quantity: int
    unit_price_cents: int
    unit_price_dollars: Dollars


class SummaryAnswer(BaseModel):
    """A booking in a list."""

    id: UUID
    booking_number: str
    version: int
    status: BookingStatus
    customer_name: str
    service_type: ServiceType
    package_type: PackageType | None
    item_count: int | None
    pickup_date: date
    pickup_time: PickupTime
    specific_pickup_hour: int | None
    pickup_address: Address
    delivery_address: Address
    total_price_cents: int
    total_price_dollars: Dollars
    payment_status: str
    created_at: datetime


class BookingAnswer(BaseModel):
    """A booking; `amount_due_cents` is to be paid now, for the booking itself or for a later change of it."""

    id: UUID
    booking_number: str
    version: int
    status: BookingStatus
    customer_name: str
    customer_email: str
    service_type: ServiceType
    package_type: PackageType | None
    item_count: int | None
    item_description: str
    specialty_items: list[ItemAnswer]
    include_packing: bool
    include_unpacking: bool
    is_same_day: bool
    coi_required: bool
    is_outside_core_area: bool
    pickup_date: date
    pickup_time: PickupTime
    specific_pickup_hour: int | None
    window_start: datetime
    window_end: datetime
    pickup_address: Address
    delivery_address: Address
    special_instructions: str
    discount_code: str | None
    catalog_version: int
    pricing: PricingAnswer
    total_price_cents: int
    total_price_dollars: Dollars
    amount_due_cents: int
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    expires_at: datetime | None


class IntentAnswer(BaseModel):
    """A payment intent, for the browser that pays; after the payment its secret is null."""

    id: str
    client_secret: str | None
    amount_cents: int
    amount_dollars: Dollars
    status: str


class BookedAnswer(BaseModel):
    """A booking that was accepted. Without an intent, `payment_error` says why and one can be asked for later."""

    booking: BookingAnswer
    payment_intent: IntentAnswer | None
    payment_error: str | None = None
    manage_token: str


class StatusAnswer(BaseModel):
    """The public status; the second half only for the holder of the booking."""

    booking_number: str
    status: BookingStatus
    customer_name: str
    service_type: ServiceType
    pickup_date: date
    pickup_time: PickupTime
    total_price_dollars: Dollars
    pickup_details: dict[str, Any] | None = None
    addresses: dict[str, Address] | None = None
    pricing: PricingAnswer | None = None
    payment_status: str | None = None
    amount_due_cents: int | None = None
    documents: list[CustomerDocument] | None = None
    rating: RatingShown | None = None


class StepAnswer(BaseModel):
    """A step of a booking's life."""

    from_status: BookingStatus | None
    to_status: BookingStatus
    changed_at: datetime
    changed_by: str
    reason: str


class CustomerBookingAnswer(BaseModel):
    """A booking for its customer."""

    booking_details: BookingAnswer
    payment_status: str
    organizing_services: list[dict[str, Any]]
    status_history: list[StepAnswer]
    documents: list[CustomerDocument]
    rating: RatingShown | None


class RefundAnswer(BaseModel):
    """What a cancellation gives back."""

    refund_percent: int
    refund_cents: int
    refund_dollars: Dollars


class CancelAnswer(BaseModel):
    """A cancellation, or with `preview` only what it would give back."""

    preview: bool = False
    updated_booking: BookingAnswer | None = None
    refund: RefundAnswer


class SummariesAnswer(BaseModel):
    """A page of bookings."""

    results: list[SummaryAnswer]
    count: int
    next: str | None
    previous: str | None
