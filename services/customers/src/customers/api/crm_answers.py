"""Shapes of answers about all customers."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class MonthOfRegistrations(BaseModel):
    """How many registered in a month; `month` is its first day."""

    month: date
    customers: int


class ServiceShare(BaseModel):
    """What a service type brought in, after refunds."""

    service_type: str
    bookings: int
    people: int
    spent_cents: int
    spent_dollars: float


class CrmSummary(BaseModel):
    """All customers in figures. `repeat_rate` is the share of those with bookings who have several, from 0 to 1."""

    customers: int
    customers_with_bookings: int
    repeat_customers: int
    repeat_rate: float
    vip_customers: int
    guests: int
    guest_bookings: int
    total_bookings: int
    lifetime_value_cents: int
    lifetime_value_dollars: float
    average_lifetime_value_cents: int
    average_lifetime_value_dollars: float
    new_per_month: list[MonthOfRegistrations]
    by_service: list[ServiceShare]


class SegmentSize(BaseModel):
    """A group of people and how many are in it."""

    code: str
    name: str
    description: str
    count: int


class Segments(BaseModel):
    """All groups."""

    segments: list[SegmentSize]


class Contact(BaseModel):
    """Somebody in a segment; guests have no `customer_id`."""

    customer_id: UUID | None
    email: str
    name: str
    phone: str
    registered_at: datetime | None
    total_bookings: int
    total_spent_cents: int
    total_spent_dollars: float
    last_booking_at: datetime | None
    is_vip: bool


class ContactPage(BaseModel):
    """A page of a segment, who spent most first."""

    results: list[Contact]
    count: int
    next: str | None
    previous: str | None


class ReportTotals(BaseModel):
    """Sums over all lines of a report; amounts in cents, `net` after refunds."""

    people: int
    new_customers: int
    bookings: int
    paid_cents: int
    refunded_cents: int
    net_cents: int
    net_dollars: float


class ReportLine(BaseModel):
    """What one customer or guest brought in within the time."""

    customer_id: UUID | None
    name: str
    email: str
    is_new: bool
    bookings: int
    paid_cents: int
    refunded_cents: int
    net_cents: int


class CustomersReport(BaseModel):
    """Who brought in what from `from` to `to`, both included; who paid most first."""

    period: dict[str, date]
    totals: ReportTotals
    results: list[ReportLine]
    count: int
    next: str | None
    previous: str | None
