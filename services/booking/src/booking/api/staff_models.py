"""The shapes of answers to staff, for the OpenAPI document."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from booking.api.document_models import StaffDocument
from booking.api.models import BookingAnswer, Dollars, StepAnswer, SummaryAnswer


class StaffSummaryAnswer(SummaryAnswer):
    """A booking in the office's list; `customer_id` is null for guests."""

    customer_id: UUID | None
    customer_email: str
    customer_phone: str
    paid_cents: int


class StaffSummariesAnswer(BaseModel):
    """A page of bookings and what it was narrowed to."""

    results: list[StaffSummaryAnswer]
    count: int
    next: str | None
    previous: str | None
    filters: dict[str, Any]


class BookingFileAnswer(BaseModel):
    """All about a booking, for staff."""

    complete_booking_details: BookingAnswer
    customer_info: dict[str, Any]
    payment_status: str
    payment_history: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    organizing_services: list[dict[str, Any]]
    status_history: list[StepAnswer]
    documents: list[StaffDocument]
    internal_notes: str


class UpdatedAnswer(BaseModel):
    """A booking after a change by staff."""

    updated_booking: BookingAnswer


class StaffBookingAnswer(BookingAnswer):
    """A booking for staff; `customer_id` is null for guests."""

    customer_id: UUID | None


class StaffBookedAnswer(BaseModel):
    """A booking by phone, and what it costs by the catalogue."""

    booking: StaffBookingAnswer
    list_price_cents: int
    list_price_dollars: Dollars
    payment_link_sent: bool
