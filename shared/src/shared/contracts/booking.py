"""Events of bookings. Each carries the whole booking, so that a copy is one upsert guarded by the version."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import BookingStatus, Contract, Event, PackageType, PickupTime, ServiceType, State


class Contact(Contract):
    """Who booked. Personal data: erased with the customer."""

    first_name: str
    last_name: str
    email: str
    phone: str


class Address(Contract):
    """A place of pickup or delivery. Personal data."""

    address_line_1: str
    address_line_2: str = ""
    city: str
    state: State
    zip_code: str


class BookedItem(Contract):
    """A specialty item of a booking, at the unit price it was booked for, in cents."""

    item_type: str
    name: str
    quantity: int
    unit_price_cents: int


class PriceLines(Contract):
    """What the booking costs, line by line, in cents; `subtotal` is the sum of all before the discount."""

    base_price_cents: int = 0
    surcharge_cents: int = 0
    coi_fee_cents: int = 0
    organizing_total_cents: int = 0
    organizing_tax_cents: int = 0
    geographic_surcharge_cents: int = 0
    time_window_surcharge_cents: int = 0
    subtotal_cents: int = 0
    discount_cents: int = 0
    total_price_cents: int = 0


class BookingState(Contract):
    """A booking as its owner sees it at one version.

    `customer_id` is null for guests. `window_start`/`window_end` are the pickup window in UTC.
    `manage_token_sha256` lets holders of the manage token be recognised without knowing it; `manage_token_sealed` is
    the token itself, for links in messages, to be opened by notifications alone.
    """

    id: UUID
    booking_number: str
    version: int
    status: BookingStatus
    customer_id: UUID | None
    contact: Contact
    service_type: ServiceType
    package_type: PackageType | None = None
    item_count: int | None = None
    item_description: str = ""
    specialty_items: tuple[BookedItem, ...] = ()
    include_packing: bool = False
    include_unpacking: bool = False
    is_same_day: bool = False
    coi_required: bool = False
    is_outside_core_area: bool = False
    pickup_date: date
    pickup_time: PickupTime
    specific_pickup_hour: int | None = None
    window_start: datetime
    window_end: datetime
    pickup_address: Address
    delivery_address: Address
    special_instructions: str = ""
    prices: PriceLines
    currency: str = "usd"
    catalog_version: int
    discount_code: str | None = None
    manage_token_sha256: str
    manage_token_sealed: str = ""
    saved_address_ids: tuple[UUID, ...] = ()
    created_at: datetime
    paid_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def total_cents(self) -> int:
        """The price of the whole booking, in cents."""
        return self.prices.total_price_cents


class AddressToSave(Contract):
    """An address of the booking that the customer wants to keep under a nickname."""

    nickname: str
    address: Address


class BookingEvent(Event):
    """A fact about one booking."""

    aggregate: ClassVar[str] = "booking"

    booking: BookingState

    @property
    def aggregate_id(self) -> UUID:
        return self.booking.id


class BookingCreated(BookingEvent):
    """A booking was accepted; it waits for its payment."""

    type: ClassVar[str] = "booking.created.v1"

    addresses_to_save: tuple[AddressToSave, ...] = ()


class BookingConfirmed(BookingEvent):
    """Staff confirmed a booking that is paid otherwise, by invoice or on the day."""

    type: ClassVar[str] = "booking.confirmed.v1"


class BookingPaid(BookingEvent):
    """The booking's price was paid. `overbooked`: its place was given away meanwhile and is honoured all the same."""

    type: ClassVar[str] = "booking.paid.v1"

    payment_id: UUID | None = None
    paid_cents: int
    overbooked: bool = False


class BookingStarted(BookingEvent):
    """The crew picked up; the move is in progress."""

    type: ClassVar[str] = "booking.started.v1"


class BookingCompleted(BookingEvent):
    """Everything was delivered."""

    type: ClassVar[str] = "booking.completed.v1"


class BookingCancelled(BookingEvent):
    """The booking was cancelled. `refund_cents` is what goes back by the policy."""

    type: ClassVar[str] = "booking.cancelled.v1"

    reason: str = ""
    cancelled_by: Literal["customer", "staff", "system"] = "customer"
    refund_cents: int = 0


class BookingExpired(BookingEvent):
    """The booking was not paid in time and holds nothing any more."""

    type: ClassVar[str] = "booking.expired.v1"


class BookingUpdated(BookingEvent):
    """Something about the booking changed that has no event of its own."""

    type: ClassVar[str] = "booking.updated.v1"


class RefundRequested(BookingEvent):
    """Booking wants money back for this booking; payments carries it out once per `request_id`.

    `amount_cents` null means all that was captured and is not refunded yet.
    """

    type: ClassVar[str] = "booking.refund_requested.v1"

    request_id: UUID
    payment_id: UUID
    amount_cents: int | None
    reason: str


class AlertRaised(Event):
    """Staff must look at something. `key` makes one alert of repeated causes; `severity` orders them."""

    type: ClassVar[str] = "alert.raised.v1"
    aggregate: ClassVar[str] = "alert"

    alert_id: UUID
    key: str
    severity: Literal["warning", "critical"] = "warning"
    message: str
    booking_id: UUID | None = None

    @property
    def aggregate_id(self) -> UUID:
        return self.alert_id
