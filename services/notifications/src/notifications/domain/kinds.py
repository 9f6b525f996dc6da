"""The kinds of messages."""

from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """A kind of message; its value names the folder of its templates."""

    BOOKING_RECEIVED = "booking_received"
    PAYMENT_RECEIVED = "payment_received"
    RECEIPT = "receipt"
    PAYMENT_FAILED = "payment_failed"
    UNPAID_REMINDER = "unpaid_reminder"
    ADJUSTMENT_DUE = "adjustment_due"
    REMINDER = "reminder"
    ON_THE_WAY = "on_the_way"
    COMPLETED = "completed"
    RESCHEDULED = "rescheduled"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_EXPIRED = "booking_expired"
    REFUND_DONE = "refund_done"
    WELCOME = "welcome"
    VERIFY_EMAIL = "verify_email"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    STAFF_INVITATION = "staff_invitation"
    STAFF_NEW_BOOKING = "staff_new_booking"
    STAFF_REFUND_FAILED = "staff_refund_failed"
    STAFF_DISPUTE = "staff_dispute"
    STAFF_ALERT = "staff_alert"
    CONTACT = "contact"
    RUN_SHEET = "run_sheet"


OPTIONAL = frozenset({Kind.WELCOME, Kind.COMPLETED})
"""Kinds that a customer can do without; all others are part of a contract and always go by e-mail."""

OFFICE = frozenset(
    {
        Kind.STAFF_NEW_BOOKING,
        Kind.STAFF_REFUND_FAILED,
        Kind.STAFF_DISPUTE,
        Kind.STAFF_ALERT,
        Kind.CONTACT,
        Kind.RUN_SHEET,
    }
)
"""Kinds that go to the office."""

LINKS = frozenset({Kind.VERIFY_EMAIL, Kind.PASSWORD_RESET, Kind.STAFF_INVITATION})
"""Kinds that carry a link with a secret of its own; only a new request makes a new one."""

TITLES: dict[Kind, str] = {
    Kind.BOOKING_RECEIVED: "We have the booking",
    Kind.PAYMENT_RECEIVED: "The booking is confirmed",
    Kind.RECEIPT: "The receipt",
    Kind.PAYMENT_FAILED: "A payment did not go through",
    Kind.UNPAID_REMINDER: "The booking waits for its payment",
    Kind.ADJUSTMENT_DUE: "A change is to be paid",
    Kind.REMINDER: "The move is tomorrow",
    Kind.ON_THE_WAY: "The crew is on its way",
    Kind.COMPLETED: "How was the move?",
    Kind.RESCHEDULED: "The move is on another day",
    Kind.BOOKING_CANCELLED: "The booking is cancelled",
    Kind.BOOKING_EXPIRED: "The booking has expired",
    Kind.REFUND_DONE: "A refund is on its way",
    Kind.WELCOME: "Welcome",
    Kind.VERIFY_EMAIL: "Confirm the e-mail address",
    Kind.PASSWORD_RESET: "Choose a new password",
    Kind.STAFF_INVITATION: "Invitation of staff",
    Kind.STAFF_NEW_BOOKING: "A new paid booking",
    Kind.STAFF_REFUND_FAILED: "A refund failed",
    Kind.STAFF_DISPUTE: "A dispute",
    Kind.STAFF_ALERT: "An alert",
    Kind.CONTACT: "A message to the office",
    Kind.RUN_SHEET: "The run sheet",
}
"""What staff see of a message whose own words are kept nowhere: an SMS, and whatever carries a link of `LINKS`."""

BY_SMS = frozenset(Kind) - OFFICE - LINKS - {Kind.WELCOME, Kind.RECEIPT}
"""Kinds that go by SMS as well, to customers who want that."""

AT_ANY_HOUR = frozenset({Kind.ON_THE_WAY})
"""Kinds whose SMS does not wait for the morning: the crew comes whether or not the customer knows."""

LIFETIMES = {Kind.ON_THE_WAY: timedelta(hours=3)}
"""How long after it was written a message still tells something new; where nothing is said, as long as it is tried."""
