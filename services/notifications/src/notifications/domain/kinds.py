"""The kinds of messages."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of message; its value names the folder of its templates."""

    BOOKING_RECEIVED = "booking_received"
    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_FAILED = "payment_failed"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_EXPIRED = "booking_expired"
    REFUND_DONE = "refund_done"
    WELCOME = "welcome"


TRANSACTIONAL = frozenset(Kind) - {Kind.WELCOME}
"""Kinds that are part of a contract and always go out by e-mail; the others only if the customer wants e-mail."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a customer wants to be sent."""

    email: bool = True
    sms: bool = False


def goes_by_email(kind: Kind, preferences: Preferences) -> bool:
    """Whether a message of this kind is sent by e-mail to a customer with these preferences."""
    return kind in TRANSACTIONAL or preferences.email
