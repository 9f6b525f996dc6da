"""Shapes of the customers service's answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from shared.contracts.base import PickupTime, State


class User(BaseModel):
    """An account."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    full_name: str
    date_joined: datetime


class BookingStats(BaseModel):
    """Sums over the bookings that were paid; cancelled ones don't count, refunds reduce what was spent."""

    total_bookings: int
    total_spent_cents: int
    total_spent_dollars: float
    last_booking_at: datetime | None
    is_vip: bool


class Preferences(BaseModel):
    """How a customer likes things."""

    preferred_pickup_time: PickupTime
    email_notifications: bool
    sms_notifications: bool


class CustomerProfile(BookingStats, Preferences):
    """A customer; `version` grows with every change."""

    id: UUID
    phone: str
    email_verified: bool
    version: int


class StaffProfile(BaseModel):
    """A staff member; `permissions` is what role and exceptions come to.

    With `totp_setup_required` there are none: all that the session is good for is to set up a second factor.
    """

    id: UUID
    role: str
    employee_id: str | None
    phone: str
    hire_date: date
    permissions: list[str]
    is_active: bool
    totp_enabled: bool
    totp_setup_required: bool


class CustomerLogin(BaseModel):
    """A customer is logged in; the gateway sets the cookies."""

    message: str
    user: User
    customer_profile: CustomerProfile
    csrf_token: str


class StaffLogin(BaseModel):
    """A staff member is logged in; the gateway sets the cookies."""

    message: str
    user: User
    staff_profile: StaffProfile
    csrf_token: str


class CustomerSelf(BaseModel):
    """Who the customer is."""

    user: User
    customer_profile: CustomerProfile


class StaffSelf(BaseModel):
    """Who the staff member is."""

    user: User
    staff_profile: StaffProfile


class Profile(CustomerSelf):
    """The customer with statistics."""

    booking_stats: BookingStats


class Message(BaseModel):
    """A sentence."""

    message: str


class EmailVerified(Message):
    """The address is confirmed."""

    email_verified: bool


class PasswordChanged(Message):
    """The way in is another one; the gateway sets the cookies of a new session."""

    csrf_token: str


class SavedAddress(BaseModel):
    """An address with how often bookings used it."""

    id: UUID
    nickname: str
    address_line_1: str
    address_line_2: str
    city: str
    state: State
    zip_code: str
    delivery_instructions: str
    formatted_address: str
    times_used: int
    last_used_at: datetime | None
    created_at: datetime


class AddressUsage(BaseModel):
    """Sums over the saved addresses."""

    total_addresses: int
    total_uses: int
    most_used_nickname: str | None


class SavedAddresses(BaseModel):
    """The most recently used first."""

    saved_addresses: list[SavedAddress]
    usage_stats: AddressUsage


class CreatedAddress(BaseModel):
    """The address that was saved."""

    created_address: SavedAddress


class UpdatedAddress(BaseModel):
    """The address as it is now."""

    updated_address: SavedAddress


class AuditEntry(BaseModel):
    """One action of a staff member."""

    id: UUID
    staff_id: UUID
    staff_email: str | None
    staff_name: str | None
    action_type: str
    description: str
    customer_id: UUID | None
    booking_id: UUID | None
    ip_address: str
    user_agent: str
    created_at: datetime
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ListedCustomer(BookingStats):
    """A customer in a list."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    full_name: str
    phone: str
    date_joined: datetime


class CustomerPage(BaseModel):
    """A page of customers."""

    results: list[ListedCustomer]
    count: int
    next: str | None
    previous: str | None


class AuditPage(BaseModel):
    """A page of the audit log."""

    results: list[AuditEntry]
    count: int
    next: str | None
    previous: str | None
