"""A booking without the person who made it: what was moved when and for how much stays, for the books."""

from datetime import datetime
from typing import Any

from booking.domain.booking import Booking

KEPT = "Number, days, prices and states of bookings are kept, without the person, because the books need them."


def without_person(booking: Booking, now: datetime) -> Booking:
    """The booking's next version, which names nobody and opens to no token; of the addresses the state stays."""
    return booking.touched(
        now,
        first_name="",
        last_name="",
        email="",
        phone="",
        item_description="",
        pickup_address=_blank(booking.pickup_address),
        delivery_address=_blank(booking.delivery_address),
        special_instructions="",
        internal_notes="",
        manage_token_sha256="",
        manage_token_sealed="",
        saved_address_ids=[],
        status_history=[{**step, "reason": ""} for step in booking.status_history],
    )


def _blank(address: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "state" else "" for name, value in address.items()}
