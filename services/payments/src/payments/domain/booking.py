"""What payments knows of a booking: what it costs, whether it can be paid, who may see its payments."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from shared.errors import Invalid
from shared.money import CHARGEABLE_MINIMUM_CENTS, MAXIMUM_CENTS

from payments.domain.errors import AlreadyPaid, BookingNotPayable
from payments.domain.payment import Payment

PAYABLE = ("pending", "confirmed")
CLOSED = ("cancelled", "expired")
PURPOSE = "booking"


@dataclass(frozen=True, slots=True)
class BillableBooking:
    """A copy of a booking at one version; amounts in cents.

    `kept_cents` is what the company keeps of a cancelled booking's price by its policy, 0 for all others.
    """

    id: UUID
    booking_number: str
    version: int
    status: str
    total_cents: int
    currency: str
    customer_id: UUID | None
    email: str
    manage_token_sha256: str
    kept_cents: int = 0

    def holds(self, manage_token: str) -> bool:
        """Whether `manage_token` is this booking's."""
        digest = hashlib.sha256(manage_token.encode()).hexdigest()
        return hmac.compare_digest(digest, self.manage_token_sha256)


def check_payable(booking: BillableBooking, payment: Payment | None, expected_cents: int | None) -> None:
    """Raises `AlreadyPaid`, `BookingNotPayable`, or `Invalid` when `expected_cents` is not the total due.

    `payment` is the booking's live or succeeded one for the purpose, if any.
    """
    if booking.status in CLOSED:
        raise BookingNotPayable(f"This booking is {booking.status}.", booking_status=booking.status)
    if booking.status not in PAYABLE or (payment is not None and payment.is_captured):
        raise AlreadyPaid(booking_status=booking.status)
    if not CHARGEABLE_MINIMUM_CENTS <= booking.total_cents <= MAXIMUM_CENTS:
        raise BookingNotPayable()
    if expected_cents is not None and expected_cents != booking.total_cents:
        sentence = f"Must be the total due, {booking.total_cents} cents."
        raise Invalid({"amount_cents": [sentence]}, total_due_cents=booking.total_cents)
