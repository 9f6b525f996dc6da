"""How people are recognised after they were forgotten, and when they can't be forgotten yet."""

import hashlib

from shared.errors import Conflict

AHEAD = ("pending", "confirmed", "paid")
"""A booking in one of these is cancelled by its terms when its person is forgotten."""

UNDER_WAY = "in_progress"
"""The crew has picked up: it needs a name, a phone and an address until the move is over."""

OPEN_STATUSES = (*AHEAD, UNDER_WAY)
"""What is not over."""


def fingerprint(email: str) -> str:
    """An e-mail address as erasures know it: the SHA-256 of its lower case, in hexadecimal."""
    return hashlib.sha256(email.lower().encode()).hexdigest()


class MoveUnderWay(Conflict):
    """The person's things are with the crew; `booking_numbers` names the moves."""

    code = "move_under_way"
    message = "A move is under way. Please come back when it is completed."


class NobodyToErase(Exception):
    """There is neither an account nor a booking or message with this address."""
