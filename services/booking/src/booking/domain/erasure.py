"""A booking without the person who made it: what was moved when and for how much stays, for the books."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.contracts.base import BookingStatus
from shared.errors import Conflict

from booking.domain.booking import Booking

KEPT = "Number, days, prices and states of bookings are kept, without the person, because the books need them."

KEPT_UNDER_WAY = "Who is just being moved is taken out once that is over: the crew needs name, phone and addresses."

UNDER_WAY: BookingStatus = "in_progress"
"""Nobody can erase the person from a move that the crew is carrying out."""

AHEAD: frozenset[BookingStatus] = frozenset({"pending", "confirmed", "paid"})
"""Nobody is left who could come for it, so it is cancelled by its terms."""


class AccountErased(Conflict):
    """The customer was erased while the order was on its way."""

    code = "account_erased"
    message = "This account was erased."


def without_person(booking: Booking, now: datetime) -> Booking:
    """The booking's next version, which names nobody and opens to no token; of the addresses the state stays."""
    return replace(
        booking.touched(now),
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
