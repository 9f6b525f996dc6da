"""How an order becomes a booking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.booking_state import Address, AddressToSave, Contact
from shared.contracts.catalog import Policies

from booking.domain.booking import Actor, Booking, step
from booking.domain.expiry import unpaid_until
from booking.domain.move import Move
from booking.domain.price_documents import price_detail
from booking.domain.pricing import Price
from booking.domain.schedule import pickup_window
from booking.domain.staff_terms import StaffTerms
from booking.domain.tokens import token_hash


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody orders: the move with its places as full addresses, and who they are.

    `customer_id` is null for guests. `quote_token` and `expected_total_cents` hold us to a price that was seen before.
    `overbook_reason` is why staff book it although the day may be full, `staff` is set when the office orders.
    """

    move: Move
    contact: Contact
    customer_id: UUID | None
    pickup_address: Address
    delivery_address: Address
    special_instructions: str = ""
    item_description: str = ""
    saved_address_ids: tuple[UUID, ...] = ()
    addresses_to_save: tuple[AddressToSave, ...] = ()
    quote_token: str | None = None
    expected_total_cents: int | None = None
    overbook_reason: str = ""
    staff: StaffTerms | None = None

    @property
    def agreed_cents(self) -> int | None:
        """The total that the office agreed on, if it is not the catalogue's."""
        return self.staff.price_override_cents if self.staff else None

    @property
    def actor(self) -> Actor:
        """Who orders."""
        if self.staff is not None:
            return Actor("staff", self.staff.staff_id)
        return Actor("customer", self.customer_id) if self.customer_id else Actor("guest")


@dataclass(frozen=True, slots=True)
class Label:
    """A new booking's number and its manage token, in clear and sealed."""

    booking_number: str
    manage_token: str
    manage_token_sealed: str


def open_booking(
    booking_id: UUID,
    label: Label,
    order: Order,
    move: Move,
    price: Price,
    policies: Policies,
    now: datetime,
    zone: ZoneInfo,
) -> Booking:
    """The first version of a booking: pending, at `price`, until it is paid or expires, with its window at the latest.

    `move` is the resolved one of the order; it has a day, as every order has.
    """
    assert move.pickup_date is not None
    hold = timedelta(minutes=policies.capacity_hold_minutes)
    window = pickup_window(move.pickup_date, move.pickup_time, move.specific_pickup_hour, policies.pickup_windows, zone)
    return Booking(
        id=booking_id,
        booking_number=label.booking_number,
        version=1,
        status="pending",
        customer_id=order.customer_id,
        first_name=order.contact.first_name,
        last_name=order.contact.last_name,
        email=order.contact.email,
        phone=order.contact.phone,
        **_of_move(move),
        item_description=order.item_description,
        special_instructions=order.special_instructions,
        internal_notes="",
        window_start=window.start,
        window_end=window.end,
        pickup_address=order.pickup_address.model_dump(),
        delivery_address=order.delivery_address.model_dump(),
        **_of_price(price),
        manage_token_sha256=token_hash(label.manage_token),
        manage_token_sealed=label.manage_token_sealed,
        saved_address_ids=[str(saved) for saved in order.saved_address_ids],
        status_history=[step(None, "pending", order.actor, now, order.overbook_reason)],
        created_at=now,
        updated_at=now,
        holds_place=True,
        hold_expires_at=None if order.actor.kind == "staff" else now + hold,
        expires_at=unpaid_until(now, order.actor.kind, policies, window.end),
    )


def _of_move(move: Move) -> Mapping[str, Any]:
    names = (
        "service_type",
        "package_type",
        "item_count",
        "include_packing",
        "include_unpacking",
        "is_same_day",
        "coi_required",
        "pickup_date",
        "pickup_time",
        "specific_pickup_hour",
        "discount_code",
    )
    return {name: getattr(move, name) for name in names}


def _of_price(price: Price) -> Mapping[str, Any]:
    return {
        "specialty_items": [item.model_dump() for item in price.items],
        "is_outside_core_area": price.is_outside_core_area,
        "catalog_version": price.catalog_version,
        "total_price_cents": price.total_cents,
        "prices": price.amounts.model_dump(),
        "price_detail": price_detail(price),
    }
