"""What a payment that has succeeded means for its booking."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.contracts.payments import PaymentState
from shared.money import format_dollars

from booking.domain.booking import OVER, Booking
from booking.domain.settling import adjustment_of

BOOKING_PURPOSE = "booking"


@dataclass(frozen=True, slots=True)
class Counts:
    """It pays the booking."""


@dataclass(frozen=True, slots=True)
class PaysChange:
    """It pays what a change of the booking costs, the adjustment of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class CountedBefore:
    """It has paid this booking already: nothing to do."""


@dataclass(frozen=True, slots=True)
class GoesBack:
    """What it was for is over: all of it is refunded, and staff are told. `counts`: the booking lives on."""

    alert: str
    reason: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class NeedsPeople:
    """It must not pay the booking, and only staff can say why it came."""

    key: str
    alert: str


Meaning = Counts | PaysChange | CountedBefore | GoesBack | NeedsPeople


def meaning_of_success(booking: Booking | None, payment: PaymentState, former_totals: Collection[int] = ()) -> Meaning:
    """What to do about a captured payment, whatever has become of its booking meanwhile.

    `former_totals` are the prices in cents that the booking had before it was changed: a payment of one of them was
    right when it was begun, and what differs is settled afterwards.
    """
    if booking is None:
        return NeedsPeople("unknown_booking", f"A payment came for the unknown booking {payment.booking_number}.")
    if payment.purpose != BOOKING_PURPOSE:
        return _of_change(booking, payment)
    if booking.paid_payment_id == payment.id:
        return CountedBefore()
    number = booking.booking_number
    if booking.status in OVER:
        return _too_late(booking)
    if booking.status not in ("pending", "confirmed"):
        if booking.paid_payment_id is None:
            return _nothing_to_pay(number)
        return NeedsPeople("second_payment", f"{number} is paid already and was paid once more; payments refunds it.")
    if payment.captured_cents not in (booking.total_price_cents, *former_totals):
        got, due = format_dollars(payment.captured_cents), format_dollars(booking.total_price_cents)
        return NeedsPeople("wrong_amount", f"{got} were captured for {number}, but {due} are due.")
    return Counts()


def _of_change(booking: Booking, payment: PaymentState) -> Meaning:
    adjustment, number = adjustment_of(booking, payment.purpose), booking.booking_number
    if adjustment is None:
        return NeedsPeople("unknown_change", f"A payment came for a change of {number} that nobody made.")
    if str(payment.id) in (adjustment.get("payment_id"), adjustment.get("returned_payment_id")):
        return CountedBefore()
    if booking.status in OVER:
        return _too_late(booking)
    if adjustment["status"] == "paid":
        return NeedsPeople("second_payment", f"A change of {number} was paid twice; payments refunds it.")
    if adjustment["status"] == "void":
        sentence = f"A payment came for a change of {number} that was changed once more; it is refunded in full."
        return GoesBack(sentence, "The booking was changed once more before the payment came.", counts=True)
    if payment.captured_cents != adjustment["amount_cents"]:
        got, due = format_dollars(payment.captured_cents), format_dollars(adjustment["amount_cents"])
        return NeedsPeople("wrong_amount", f"{got} were captured for a change of {number}, but {due} are due.")
    return PaysChange(adjustment["number"])


def _nothing_to_pay(number: str) -> GoesBack:
    """It was paid with nothing, so that this is the only payment there is, which payments has no reason to refund."""
    alert = f"A payment came for {number}, which had become free meanwhile; it is refunded in full."
    return GoesBack(alert, "The booking cost nothing any more when the payment came.", counts=True)


def _too_late(booking: Booking) -> GoesBack:
    return GoesBack(
        f"A payment came for {booking.booking_number}, which is {booking.status}; it is refunded in full.",
        f"The booking was {booking.status} before the payment came.",
    )
