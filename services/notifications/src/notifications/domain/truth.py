"""Whether what a message tells is still so when it is about to go out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.booking_state import Adjustment, BookingState

from notifications.domain.kinds import Kind

UPCOMING = ("paid", "confirmed")
"""Statuses of moves that will take place."""


OVER = ("cancelled", "expired")
"""Statuses of moves that will not take place."""


def is_receipt_alone(kind: Kind, booking: BookingState | None, facts: Mapping[str, Any]) -> bool:
    """Whether of a confirmation only the receipt is left: the move was called off after it was paid."""
    has_receipt = kind is Kind.PAYMENT_RECEIVED and bool(facts.get("receipt"))
    return has_receipt and booking is not None and booking.status in OVER


def open_adjustment(booking: BookingState) -> Adjustment | None:
    """What is still to be paid after a change of a paid booking."""
    return next((adjustment for adjustment in booking.adjustments if adjustment.status == "open"), None)


def is_payable(booking: BookingState) -> bool:
    """Whether the booking itself still waits for its payment."""
    return booking.status == "pending" and booking.total_cents > 0


def why_not(kind: Kind, booking: BookingState | None, facts: Mapping[str, Any]) -> str:
    """The reason for which this message must not go any more; empty when all that it tells is still so.

    Other kinds tell of something that has happened, which stays true.
    """
    if booking is None:
        return ""
    match kind:
        case Kind.REMINDER if booking.status not in UPCOMING:
            return _by_now(booking)
        case Kind.REMINDER if booking.window_start != datetime.fromisoformat(facts["window_start"]):
            return "The booking was rescheduled meanwhile."
        case Kind.UNPAID_REMINDER if not is_payable(booking):
            return _by_now(booking)
        case Kind.ON_THE_WAY if booking.status not in (*UPCOMING, "in_progress"):
            return _by_now(booking)
        case Kind.PAYMENT_RECEIVED | Kind.RESCHEDULED if booking.status in OVER:
            return _by_now(booking)
        case Kind.ADJUSTMENT_DUE if not _is_open(booking, facts["number"]):
            return "Nothing is due any more."
    return ""


def _by_now(booking: BookingState) -> str:
    return f"The booking is {booking.status.replace('_', ' ')} by now."


def _is_open(booking: BookingState, number: int) -> bool:
    due = open_adjustment(booking)
    return due is not None and due.number == number
