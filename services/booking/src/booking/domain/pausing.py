"""Pauses of online booking: of everything, of a service type, or of a date. Staff book on."""

from collections.abc import Mapping
from datetime import date

from shared.errors import Unavailable

ALL = "all"
RETRY_AFTER_SECONDS = 300


class BookingPaused(Unavailable):
    """Online booking is paused; the message is what staff want customers to read."""

    code = "booking_paused"
    message = "Online booking is paused at the moment. Please try again later."

    def __init__(self, message: str) -> None:
        super().__init__(message or None, retry_after=RETRY_AFTER_SECONDS)


def message_for(pauses: Mapping[str, str], service_type: str, day: date) -> str | None:
    """The text of the widest pause that covers such a move on that day; nothing when there is none."""
    return next((pauses[scope] for scope in (ALL, service_type, day.isoformat()) if scope in pauses), None)
