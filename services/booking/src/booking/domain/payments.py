"""What a payment that has succeeded means for its booking."""

from dataclasses import dataclass

from shared.contracts.payments import PaymentState
from shared.money import format_dollars

from booking.domain.booking import Booking

BOOKING_PURPOSE = "booking"


@dataclass(frozen=True, slots=True)
class Counts:
    """It pays the booking."""


@dataclass(frozen=True, slots=True)
class CountedBefore:
    """It has paid this booking already, or it pays for something else: nothing to do."""


@dataclass(frozen=True, slots=True)
class GoesBack:
    """The booking is over: all of it is refunded, and staff are told."""

    alert: str


@dataclass(frozen=True, slots=True)
class NeedsPeople:
    """It must not pay the booking, and only staff can say why it came."""

    key: str
    alert: str


Meaning = Counts | CountedBefore | GoesBack | NeedsPeople


def meaning_of_success(booking: Booking | None, payment: PaymentState) -> Meaning:
    """What to do about a captured payment, whatever has become of its booking meanwhile."""
    if payment.purpose != BOOKING_PURPOSE:
        return CountedBefore()
    if booking is None:
        return NeedsPeople("unknown_booking", f"A payment came for the unknown booking {payment.booking_number}.")
    if booking.paid_payment_id == payment.id:
        return CountedBefore()
    number = booking.booking_number
    if booking.status in ("cancelled", "expired"):
        return GoesBack(f"A payment came for {number}, which is {booking.status}; it is refunded in full.")
    if booking.status not in ("pending", "confirmed"):
        return NeedsPeople("second_payment", f"{number} is paid already and was paid once more; payments refunds it.")
    if payment.captured_cents != booking.total_price_cents:
        got, due = format_dollars(payment.captured_cents), format_dollars(booking.total_price_cents)
        return NeedsPeople("wrong_amount", f"{got} were captured for {number}, but {due} are due.")
    return Counts()
