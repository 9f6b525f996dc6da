"""Events of accounts."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Contract, Event


class CustomerState(Contract):
    """A customer's account at one version. Names, e-mail and phone are personal data."""

    id: UUID
    version: int
    email: str
    first_name: str
    last_name: str
    phone: str
    email_verified: bool = False
    email_notifications: bool = True
    sms_notifications: bool = False
    preferred_pickup_time: str = "morning"
    created_at: datetime


class CustomerEvent(Event):
    """A fact about one customer."""

    aggregate: ClassVar[str] = "customer"

    customer: CustomerState

    @property
    def aggregate_id(self) -> UUID:
        return self.customer.id


class CustomerRegistered(CustomerEvent):
    """A customer opened an account."""

    type: ClassVar[str] = "customer.registered.v1"


class CustomerUpdated(CustomerEvent):
    """A customer's profile or preferences changed."""

    type: ClassVar[str] = "customer.updated.v1"


class AccessChanged(Event):
    """How an account gets in or what it may do changed: its sessions of a lower `access_version` end. `reason` is for
    the log."""

    type: ClassVar[str] = "account.access_changed.v1"
    aggregate: ClassVar[str] = "account"

    account_id: UUID
    access_version: int
    reason: str

    @property
    def aggregate_id(self) -> UUID:
        return self.account_id


class AuditRecorded(Event):
    """A staff action for the audit log. Holds ids, never the content of what was seen or changed by customers."""

    type: ClassVar[str] = "audit.recorded.v1"
    aggregate: ClassVar[str] = "audit"

    entry_id: UUID
    staff_id: UUID
    action_type: Literal[
        "login",
        "logout",
        "booking_viewed",
        "booking_created",
        "booking_updated",
        "booking_cancelled",
        "customer_viewed",
        "customer_updated",
        "customer_notes_updated",
        "payment_processed",
        "payment_refunded",
        "report_generated",
        "catalog_updated",
        "staff_updated",
    ]
    description: str
    customer_id: UUID | None = None
    booking_id: UUID | None = None
    ip_address: str = ""
    user_agent: str = ""
    happened_at: datetime
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @property
    def aggregate_id(self) -> UUID:
        return self.entry_id
