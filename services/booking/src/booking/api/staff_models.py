"""The shapes of answers to staff, for the OpenAPI document."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from booking.api.document_models import StaffDocument
from booking.api.models import BookingAnswer, Dollars, StepAnswer, SummaryAnswer
from booking.api.rating_models import RatingShown


class StaffSummaryAnswer(SummaryAnswer):
    """A booking in the office's list; `customer_id` is null for guests, `amount_due_cents` is to be paid now."""

    customer_id: UUID | None
    customer_email: str
    customer_phone: str
    paid_cents: int
    amount_due_cents: int


class StaffSummariesAnswer(BaseModel):
    """A page of bookings and what it was narrowed to."""

    results: list[StaffSummaryAnswer]
    count: int
    next: str | None
    previous: str | None
    filters: dict[str, Any]


class CustomerInfoAnswer(BaseModel):
    """Who booked; `customer_id` is null for guests, and all else is empty once the customer is erased."""

    customer_id: UUID | None
    first_name: str
    last_name: str
    email: str
    phone: str


class PaymentAnswer(BaseModel):
    """A payment, as payments told of it."""

    id: UUID
    purpose: str
    status: str
    amount_cents: int
    amount_dollars: Dollars
    captured_cents: int
    refunded_cents: int
    failure_reason: str
    stripe_payment_intent_id: str
    created_at: datetime
    processed_at: datetime | None


class RefundedAnswer(BaseModel):
    """A refund, as payments told of it."""

    id: UUID
    payment_id: UUID
    status: str
    amount_cents: int
    amount_dollars: Dollars
    reason: str
    requested_by: str
    failure_reason: str
    created_at: datetime
    processed_at: datetime | None


class DisputeAnswer(BaseModel):
    """A dispute, as payments told of it."""

    id: UUID
    payment_id: UUID
    status: str
    amount_cents: int
    amount_dollars: Dollars
    reason: str
    opened_at: datetime
    closed_at: datetime | None


class SentMessageAnswer(BaseModel):
    """A message about the booking that was sent, or that can not be delivered."""

    id: UUID
    kind: str
    channel: str
    status: str
    subject: str
    sent_at: datetime | None
    failure_reason: str


class KeptQuoteAnswer(BaseModel):
    """A price that the booking was made or changed at; `override_cents` is what staff agreed on, `reason` why."""

    occasion: str
    catalog_version: int
    total_cents: int
    total_dollars: Dollars
    override_cents: int | None
    reason: str
    created_at: datetime


class AssignmentAnswer(BaseModel):
    """Who moves it, with which van, and as which stop of their day."""

    crew_id: UUID | None
    crew_name: str
    van_id: UUID | None
    van_name: str
    sequence: int


class CrewReportAnswer(BaseModel):
    """What a crew told from the road: on_the_way, picked_up or delivered, with what it noted."""

    step: str
    note: str
    crew_name: str
    reported_at: datetime


class StaffStepAnswer(StepAnswer):
    """A step of a booking's life; `changed_by_id` is the account, if a person took it."""

    changed_by_id: UUID | None


class ActivityAnswer(BaseModel):
    """Something that happened to a booking: a step, a payment, a refund, a dispute, a crew's report or a message."""

    happened_at: datetime
    kind: str
    description: str


class AdjustmentAnswer(BaseModel):
    """What a change of the paid booking costs: open, paid by `payment_id`, or void."""

    number: int
    amount_cents: int
    amount_dollars: Dollars
    status: str
    payment_id: UUID | None


class StaffDetailsAnswer(BookingAnswer):
    """A booking as the office sees it."""

    customer_id: UUID | None
    paid_cents: int
    adjustments: list[AdjustmentAnswer]
    internal_notes: str


class BookingFileAnswer(BaseModel):
    """All about a booking, for staff; `activity` begins with the newest."""

    complete_booking_details: StaffDetailsAnswer
    customer_info: CustomerInfoAnswer
    payment_status: str
    payment_history: list[PaymentAnswer]
    refunds: list[RefundedAnswer]
    disputes: list[DisputeAnswer]
    quotes: list[KeptQuoteAnswer]
    assignment: AssignmentAnswer | None
    crew_reports: list[CrewReportAnswer]
    notifications: list[SentMessageAnswer]
    activity: list[ActivityAnswer]
    organizing_services: list[dict[str, Any]]
    status_history: list[StaffStepAnswer]
    documents: list[StaffDocument]
    rating: RatingShown | None
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
