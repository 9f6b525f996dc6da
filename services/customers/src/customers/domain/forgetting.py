"""How people are recognised after they were forgotten, and when they can't be forgotten yet."""

import hashlib

from shared.errors import Conflict

OPEN_STATUSES = ("pending", "confirmed", "paid", "in_progress")
"""A booking in one of these is still ahead: whoever moves needs a name, a phone and an address."""


def fingerprint(email: str) -> str:
    """An e-mail address as erasures know it: the SHA-256 of its lower case, in hexadecimal."""
    return hashlib.sha256(email.lower().encode()).hexdigest()


class OpenBookings(Conflict):
    """The person still has a move ahead; `booking_numbers` names at most ten."""

    code = "open_bookings"
    message = "There are bookings that are not over yet. Please cancel them, or come back when they are completed."


class NobodyToErase(Exception):
    """There is neither an account nor a booking or message with this address."""
