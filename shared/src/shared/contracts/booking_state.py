"""What events tell about a booking and its parts."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.contracts.base import BookingStatus, Contract, PackageType, Personal, PickupTime, ServiceType, State


class Contact(Contract):
    """Who booked. Personal data: erased with the customer."""

    first_name: Personal
    last_name: Personal
    email: Personal
    phone: Personal


class Address(Contract):
    """A place of pickup or delivery. Personal data."""

    address_line_1: Personal
    address_line_2: Personal = ""
    city: Personal
    state: State
    zip_code: Personal


class BookedItem(Contract):
    """A specialty item of a booking, at the unit price it was booked for, in cents."""

    item_type: str
    name: str
    quantity: int
    unit_price_cents: int


class PriceLines(Contract):
    """What the booking costs, line by line, in cents; `subtotal` is the sum of all before the discount.

    `price_override` is what leads from there to the total that the office agreed on; it may be less than nothing.
    `waived` is taken off: a difference so small that no card can be charged with it.
    """

    base_price_cents: int = 0
    surcharge_cents: int = 0
    coi_fee_cents: int = 0
    organizing_total_cents: int = 0
    organizing_tax_cents: int = 0
    geographic_surcharge_cents: int = 0
    time_window_surcharge_cents: int = 0
    reschedule_fee_cents: int = 0
    subtotal_cents: int = 0
    discount_cents: int = 0
    price_override_cents: int = 0
    waived_cents: int = 0
    total_price_cents: int = 0


class Adjustment(Contract):
    """What a change of a paid booking costs on top, in cents; paid by a payment of purpose `adjustment:<number>`.

    `void`: nothing is to be paid any more, because the booking was cancelled or changed once more.
    """

    number: int
    amount_cents: int
    status: Literal["open", "paid", "void"] = "open"

    @property
    def purpose(self) -> str:
        """The purpose of the payment that settles it."""
        return f"adjustment:{self.number}"


class Assignment(Contract):
    """Who moves it and with which van; `sequence` orders the stops of a crew's day."""

    crew_id: UUID | None = None
    crew_name: str = ""
    van_id: UUID | None = None
    van_name: str = ""
    sequence: int = 0


class BookingState(Contract):
    """A booking as its owner sees it at one version.

    `customer_id` is null for guests. `window_start`/`window_end` are the pickup window in UTC.
    `manage_token_sha256` lets holders of the manage token be recognised without knowing it; `manage_token_sealed` is
    the token itself, for links in messages, to be opened by notifications alone. `holds_place`: whether a place of its
    day is kept for it; an unpaid booking keeps it until `hold_expires_at`, and has to take one again before it is paid.
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
    item_description: Personal = ""
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
    special_instructions: Personal = ""
    prices: PriceLines
    currency: str = "usd"
    catalog_version: int
    discount_code: str | None = None
    manage_token_sha256: str
    manage_token_sealed: Personal = ""
    saved_address_ids: tuple[UUID, ...] = ()
    assignment: Assignment | None = None
    adjustments: tuple[Adjustment, ...] = ()
    paid_cents: int = 0
    holds_place: bool = True
    hold_expires_at: datetime | None = None
    created_at: datetime
    paid_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def total_cents(self) -> int:
        """The price of the whole booking, in cents."""
        return self.prices.total_price_cents


class AddressToSave(Contract):
    """An address of the booking that the customer wants to keep under a nickname."""

    nickname: Personal
    address: Address


class Redemption(Contract):
    """One use of a discount code. `version` 1 is the use itself; a changed amount and its release are the next."""

    id: UUID
    version: int
    code_id: UUID
    code: str
    booking_id: UUID
    customer_id: UUID | None = None
    amount_cents: int
