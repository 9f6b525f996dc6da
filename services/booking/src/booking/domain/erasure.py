"""A booking without the person who made it: what was moved when and for how much stays, for the books."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.contracts.base import BookingStatus
from shared.errors import Conflict

from booking.domain.booking import Actor, Booking
from booking.domain.cancellation import CancellationRefund

KEPT = "Number, days, prices and states of bookings are kept, without the person, because the books need them."

KEPT_AHEAD = (
    "Who has a paid or agreed move ahead is taken out once it is over: the crew needs name, phone and addresses."
)

PROMISED: frozenset[BookingStatus] = frozenset({"confirmed", "paid", "in_progress"})
"""What is to be carried out, or to be paid back."""


class AccountErased(Conflict):
    """The customer was erased while the order was on its way."""

    code = "account_erased"
    message = "This account was erased."


def is_ahead(booking: Booking, payment_under_way: bool) -> bool:
    """Whether the booking still needs its person: a promised move, or one that is being paid at this moment."""
    return booking.status in PROMISED or (booking.status == "pending" and payment_under_way)


def without_person(booking: Booking, now: datetime) -> Booking:
    """The booking's next version, which names nobody and opens to no token; of the addresses the state stays.

    One that nobody has paid is cancelled with it: nobody is left who could come for it.
    """
    following = booking.touched(now)
    if booking.status == "pending":
        actor = Actor("guest" if booking.customer_id is None else "customer", booking.customer_id)
        following = booking.cancelled(actor, now, "", CancellationRefund(0, 0))
    return replace(
        following,
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
        status_history=[{**step, "reason": ""} for step in following.status_history],
    )


def _blank(address: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name == "state" else "" for name, value in address.items()}
