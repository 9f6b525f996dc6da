"""Booking the same move once more."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.contracts.base import BookingStatus
from shared.contracts.booking_state import Address, Contact
from shared.errors import Conflict

from booking.domain.booking import Booking
from booking.domain.opening import Order
from booking.domain.slots import Slot, move_of, moved_to

REBOOKABLE: tuple[BookingStatus, ...] = ("paid", "in_progress", "completed")


class CannotRebook(Conflict):
    """Only a move that was paid is booked again; `allowed` names the statuses."""

    code = "cannot_rebook"
    message = "Only a booking that was paid can be booked again."


def order_again(
    booking: Booking, slot: Slot, contact: Contact, instructions: str | None, now: datetime, zone: ZoneInfo
) -> Order:
    """An order of the same things between the same places, without the discount code; raises `CannotRebook`."""
    if booking.status not in REBOOKABLE:
        raise CannotRebook(booking_status=booking.status, allowed=list(REBOOKABLE))
    return Order(
        move=replace(moved_to(move_of(booking), slot, now, zone), discount_code=None),
        contact=contact,
        customer_id=booking.customer_id,
        pickup_address=Address.model_validate(booking.pickup_address),
        delivery_address=Address.model_validate(booking.delivery_address),
        special_instructions=booking.special_instructions if instructions is None else instructions,
        item_description=booking.item_description,
    )
