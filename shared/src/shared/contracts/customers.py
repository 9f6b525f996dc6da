"""Events of accounts."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Contract, Event, Personal


class CustomerState(Contract):
    """A customer's account at one version. Names, e-mail and phone are personal data."""

    id: UUID
    version: int
    email: Personal
    first_name: Personal
    last_name: Personal
    phone: Personal
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


class CustomerVerified(CustomerEvent):
    """The customer proved to own the e-mail address; guest bookings made with it become theirs.

    It is told again after every guest booking with the address.
    """

    type: ClassVar[str] = "customer.verified.v1"


class CustomerErased(Event):
    """Every service forgets this person and tells so by `erasure.reported`.

    The event names nobody: guests' bookings and messages are found by `email_sha256`, the SHA-256 in hexadecimal of the
    lower-case address, all else by `customer_id`. What must be kept by law stays without the person.
    """

    type: ClassVar[str] = "customer.erased.v1"
    aggregate: ClassVar[str] = "customer"

    customer_id: UUID
    email_sha256: str
    erased_at: datetime

    @property
    def aggregate_id(self) -> UUID:
        return self.customer_id


class ErasureReported(Event):
    """What a service did to forget a customer: rows per table that were emptied, and what stays with the reason."""

    type: ClassVar[str] = "erasure.reported.v1"
    aggregate: ClassVar[str] = "erasure"

    report_id: UUID
    customer_id: UUID
    service: str
    erased: dict[str, int] = {}
    kept: dict[str, str] = {}

    @property
    def aggregate_id(self) -> UUID:
        return self.report_id


class StaffState(Contract):
    """A staff account at one version."""

    id: UUID
    version: int
    email: Personal
    first_name: Personal
    last_name: Personal
    role: str
    is_active: bool


class StaffEvent(Event):
    """A fact about one staff account."""

    aggregate: ClassVar[str] = "staff"

    staff: StaffState

    @property
    def aggregate_id(self) -> UUID:
        return self.staff.id


class StaffInvited(StaffEvent):
    """Somebody is to choose a first password; `token_sealed` is for notifications alone."""

    type: ClassVar[str] = "staff.invited.v1"

    token_sealed: Personal
    expires_at: datetime


class StaffUpdated(StaffEvent):
    """A staff account was made or changed."""

    type: ClassVar[str] = "staff.updated.v1"


class LinkRequested(Event):
    """A link with a single-use token shall go to an account's address; `token_sealed` is for notifications alone."""

    aggregate: ClassVar[str] = "link"

    link_id: UUID
    account_id: UUID
    account_kind: Literal["customer", "staff"] = "customer"
    email: Personal
    first_name: Personal
    token_sealed: Personal
    expires_at: datetime

    @property
    def aggregate_id(self) -> UUID:
        return self.link_id


class VerificationRequested(LinkRequested):
    """The owner of an address is asked to confirm it."""

    type: ClassVar[str] = "verification.requested.v1"


class PasswordResetRequested(LinkRequested):
    """Somebody who forgot a password wants a new one."""

    type: ClassVar[str] = "password_reset.requested.v1"


class ContactReceived(Event):
    """Somebody wrote to the office."""

    type: ClassVar[str] = "contact.received.v1"
    aggregate: ClassVar[str] = "contact"

    contact_id: UUID
    customer_id: UUID | None = None
    name: Personal
    email: Personal
    phone: Personal = ""
    subject: Personal = ""
    message: Personal
    received_at: datetime

    @property
    def aggregate_id(self) -> UUID:
        return self.contact_id


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
        "operations_changed",
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
