"""Shapes of answers about people: dashboards, exports, erasures, notes, messages to the office."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from customers.api.answers import CustomerSelf, Message, Preferences, SavedAddress


class BookingSummary(BaseModel):
    """A booking in a few words; amounts in cents and dollars."""

    booking_id: UUID
    booking_number: str
    status: str
    service_type: str
    pickup_date: date
    pickup_time: str
    total_price_cents: int
    total_price_dollars: float
    created_at: datetime
    paid_at: datetime | None


class QuickAction(BaseModel):
    """Something that the customer may want to do next; `booking_id` if it is about a booking."""

    action: str
    label: str
    booking_id: UUID | None


class Dashboard(BaseModel):
    """What a customer sees first."""

    recent_bookings: list[BookingSummary]
    upcoming_bookings: list[BookingSummary]
    preferences: Preferences
    quick_actions: list[QuickAction]


class PaymentEntry(BaseModel):
    """A payment or a refund, in cents and dollars."""

    booking_number: str
    purpose: str
    amount_cents: int
    amount_dollars: float
    at: datetime


class ExportedNote(BaseModel):
    """What the office noted, without who did."""

    note: str
    written_at: datetime


class SentMessage(BaseModel):
    """What somebody wrote to the office."""

    id: UUID
    name: str
    email: str
    phone: str
    subject: str
    message: str
    received_at: datetime


class Export(BaseModel):
    """All there is about a customer, in every part. Sessions have a list of their own, and files lie with bookings.

    `moves` are the bookings whole, with addresses, instructions and history; `messages` what was sent to the customer.
    """

    exported_at: datetime
    account: CustomerSelf
    preferences: Preferences
    saved_addresses: list[SavedAddress]
    bookings: list[BookingSummary]
    payments: list[PaymentEntry]
    refunds: list[PaymentEntry]
    notes: list[ExportedNote]
    contact_messages: list[SentMessage]
    moves: list[dict[str, Any]]
    ratings: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    crew_notes: list[dict[str, Any]]
    saved_cards: list[dict[str, Any]]
    receipts: list[dict[str, Any]]
    messages: list[dict[str, Any]]


class Erased(Message):
    """The person is forgotten here, and on the way to be in all other parts.

    `cancelled_bookings`: numbers of the bookings that were ahead, which are cancelled and refunded by their terms.
    """

    erasure_id: UUID
    erased_at: datetime
    cancelled_bookings: list[str]


class ErasureReport(BaseModel):
    """What one service did: rows per table, and what it keeps with the reason."""

    service: str
    erased: dict[str, int]
    kept: dict[str, str]
    reported_at: datetime


class ErasureProgress(BaseModel):
    """How far an erasure has come; `complete` once every service has reported."""

    id: UUID
    kind: str
    requested_by: str
    staff_id: UUID | None
    erased_at: datetime
    complete: bool
    waiting_for: list[str]
    reports: list[ErasureReport]


class Note(BaseModel):
    """What a staff member noted about a customer."""

    id: UUID
    note: str
    staff_id: UUID
    staff_name: str | None
    written_at: datetime


class TimelineEntry(BaseModel):
    """Something that happened, newest first."""

    at: datetime
    kind: str
    text: str
    booking_id: UUID | None


class PaymentOfCustomer(BaseModel):
    """A payment with what of its booking went back."""

    booking_id: UUID
    booking_number: str
    payment_id: UUID
    purpose: str
    paid_cents: int
    paid_dollars: float
    refunded_cents: int
    paid_at: datetime


class CustomerFile(BaseModel):
    """A customer as staff see it: the latest 100 bookings, payments, notes and events."""

    customer_details: CustomerSelf
    erased_at: datetime | None
    booking_history: list[BookingSummary]
    payment_history: list[PaymentOfCustomer]
    notes: list[Note]
    timeline: list[TimelineEntry]


class UpdatedCustomer(BaseModel):
    """The customer as it is now."""

    updated_customer: CustomerFile


class Contacted(Message):
    """The office has it."""

    contact_id: UUID


class OfficeMessage(SentMessage):
    """A message to the office, and who took care of it."""

    customer_id: UUID | None
    handled_at: datetime | None
    handled_by: UUID | None


class OfficeMessagePage(BaseModel):
    """A page of messages, newest first."""

    results: list[OfficeMessage]
    count: int
    next: str | None
    previous: str | None


class HandledMessage(BaseModel):
    """The message as it is now."""

    updated_message: OfficeMessage


Json = dict[str, Any]
