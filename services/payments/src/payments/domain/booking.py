"""What payments knows of a booking: what it costs, whether it can be paid, who may see its payments."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from shared.contracts.booking_state import Adjustment
from shared.errors import Conflict, Invalid
from shared.money import CHARGEABLE_MINIMUM_CENTS, MAXIMUM_CENTS

from payments.domain.errors import AlreadyPaid, BookingNotPayable
from payments.domain.payment import Payment

PAYABLE = ("pending", "confirmed")
CLOSED = ("cancelled", "expired")
PURPOSE = "booking"


@dataclass(frozen=True, slots=True)
class BillableBooking:
    """A copy of a booking at one version; amounts in cents.

    `kept_cents` is what the company keeps of a cancelled booking's price by its policy, 0 for all others. `paid_cents`
    is what booking believes to have been paid. `prices` holds the lines of the price for documents and tax. An unpaid
    booking can be paid until `expires_at`, when its time or its pickup window is over.
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
    paid_cents: int = 0
    adjustments: tuple[Adjustment, ...] = ()
    service_type: str = ""
    pickup_date: date | None = None
    customer_name: str = ""
    prices: dict[str, int] = field(default_factory=dict)
    holds_place: bool = True
    booked_at: datetime | None = None
    expires_at: datetime | None = None

    def holds(self, manage_token: str) -> bool:
        """Whether `manage_token` is this booking's."""
        digest = hashlib.sha256(manage_token.encode()).hexdigest()
        return hmac.compare_digest(digest, self.manage_token_sha256)

    @property
    def due(self) -> dict[str, int]:
        """What may be paid at present, in cents by purpose; a paid booking owes its open adjustments alone."""
        if self.status in CLOSED:
            return {}
        if self.status in PAYABLE:
            return {PURPOSE: self.total_cents}
        return {change.purpose: change.amount_cents for change in self.adjustments if change.status == "open"}

    @property
    def purpose_due(self) -> str:
        """What is to be paid next; the price itself if nothing is, so that asking tells why not."""
        return next(iter(self.due), PURPOSE)


def amount_due(
    booking: BillableBooking,
    purpose: str,
    now: datetime,
    payment: Payment | None = None,
    expected_cents: int | None = None,
) -> int:
    """The cents to pay for the purpose. `payment` is the live or succeeded one for it, if any.

    Raises `AlreadyPaid`, `BookingNotPayable`, or `Invalid` when `expected_cents` is not the total due.
    """
    if booking.status in CLOSED:
        raise BookingNotPayable(f"This booking is {booking.status}.", booking_status=booking.status)
    if payment is not None and payment.is_captured:
        raise AlreadyPaid(booking_status=booking.status)
    if booking.expires_at is not None and now >= booking.expires_at:
        raise BookingNotPayable("The time to pay for this booking is over.", booking_status=booking.status)
    due = booking.due.get(purpose)
    if due is None:
        raise _not_due(booking, purpose)
    if not CHARGEABLE_MINIMUM_CENTS <= due <= MAXIMUM_CENTS:
        raise BookingNotPayable()
    if expected_cents is not None and expected_cents != due:
        raise Invalid({"amount_cents": [f"Must be the total due, {due} cents."]}, total_due_cents=due)
    return due


def _not_due(booking: BillableBooking, purpose: str) -> Conflict:
    """Why an open booking owes nothing for the purpose."""
    change = next((change for change in booking.adjustments if change.purpose == purpose), None)
    if purpose == PURPOSE or (change is not None and change.status == "paid"):
        return AlreadyPaid(booking_status=booking.status)
    return BookingNotPayable("Nothing is to be paid for this change of the booking.", booking_status=booking.status)
