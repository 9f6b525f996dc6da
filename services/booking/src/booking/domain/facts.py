"""Bookings as the published contracts tell of them."""

from typing import Any

from shared.contracts.base import BookingStatus
from shared.contracts.booking import (
    BookingCompleted,
    BookingConfirmed,
    BookingEvent,
    BookingExpired,
    BookingStarted,
    BookingUpdated,
)
from shared.contracts.booking_state import (
    Address,
    Adjustment,
    Assignment,
    BookedItem,
    BookingState,
    Contact,
    PriceLines,
)

from booking.domain.booking import Booking

_SAME_NAMES = tuple(name for name in BookingState.model_fields if name in Booking.__dataclass_fields__)

_STEP_EVENTS: dict[BookingStatus, type[BookingEvent]] = {
    "confirmed": BookingConfirmed,
    "in_progress": BookingStarted,
    "completed": BookingCompleted,
    "expired": BookingExpired,
}


def state_of(booking: Booking) -> BookingState:
    """The whole booking at its version, as every event about it carries it."""
    values: dict[str, Any] = {name: getattr(booking, name) for name in _SAME_NAMES}
    values["contact"] = Contact(
        first_name=booking.first_name, last_name=booking.last_name, email=booking.email, phone=booking.phone
    )
    values["pickup_address"] = Address.model_validate(booking.pickup_address)
    values["delivery_address"] = Address.model_validate(booking.delivery_address)
    values["specialty_items"] = tuple(BookedItem.model_validate(item) for item in booking.specialty_items)
    values["prices"] = PriceLines.model_validate(booking.prices)
    values["assignment"] = assignment_of(booking)
    values["adjustments"] = tuple(Adjustment.model_validate(one) for one in booking.adjustments)
    return BookingState(**values)


def assignment_of(booking: Booking) -> Assignment | None:
    """Who moves it; null as long as neither a crew nor a van is on it."""
    if booking.crew_id is None and booking.van_id is None:
        return None
    return Assignment(
        crew_id=booking.crew_id,
        crew_name=booking.crew_name,
        van_id=booking.van_id,
        van_name=booking.van_name,
        sequence=booking.stop_sequence,
    )


def event_of_step(booking: Booking) -> BookingEvent:
    """The event of a booking that has just come to its status and that needs no further data.

    A status without an event of its own, or none, gives `BookingUpdated`.
    """
    return _STEP_EVENTS.get(booking.status, BookingUpdated)(booking=state_of(booking))
