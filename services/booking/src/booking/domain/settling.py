"""What is still to be paid, or to be given back, when the price of a paid booking changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.contracts.payments import PaymentState
from shared.money import CHARGEABLE_MINIMUM_CENTS, format_dollars

from booking.domain.booking import OVER, Booking
from booking.domain.pricing import NotChargeable


@dataclass(frozen=True, slots=True)
class Account:
    """A payment of the booking and how much of it, in cents, has neither gone back nor been asked back."""

    payment_id: UUID
    left_cents: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """The booking with its adjustments as they are now, and the cents that go back because it became cheaper."""

    booking: Booking
    refund_cents: int


def settled(booking: Booking) -> Settlement:
    """Holds what was paid against the price: one open adjustment asks for what is missing, what is too much goes back.

    An adjustment that is open already stays if it asks for just that, so that its payment may go on; any other becomes
    void. Raises `NotChargeable` when so little is missing that no card can be charged with it.
    """
    missing = booking.total_price_cents - (booking.paid_cents - booking.returned_cents)
    if 0 < missing < CHARGEABLE_MINIMUM_CENTS:
        raise NotChargeable(f"A difference of {format_dollars(missing)} can't be charged to a card.")
    adjustments = [_void_unless(missing, one) for one in booking.adjustments]
    if missing > 0 and not any(one["status"] == "open" for one in adjustments):
        adjustments.append({"number": len(adjustments) + 1, "amount_cents": missing, "status": "open"})
    back = max(0, -missing)
    return Settlement(
        replace(booking, adjustments=adjustments, returned_cents=booking.returned_cents + back), refund_cents=back
    )


def open_adjustment(booking: Booking) -> dict[str, Any] | None:
    """What a change of the booking still costs, if anything; there is never more than one at a time."""
    return next((one for one in booking.adjustments if one["status"] == "open"), None)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid next: for which purpose, and how many cents."""

    purpose: str
    cents: int


def amount_due(booking: Booking) -> Due | None:
    """The price of an unpaid booking, or what a change of a paid one costs; nothing when nothing is to be paid."""
    if booking.status in ("pending", "confirmed"):
        return Due("booking", booking.total_price_cents)
    if booking.status in OVER or (change := open_adjustment(booking)) is None:
        return None
    return Due(f"adjustment:{change['number']}", change["amount_cents"])


def adjustment_of(booking: Booking, purpose: str) -> dict[str, Any] | None:
    """The adjustment that a payment of this purpose is for."""
    return next((one for one in booking.adjustments if f"adjustment:{one['number']}" == purpose), None)


def with_adjustment_paid(booking: Booking, number: int, payment_id: UUID, amount_cents: int) -> Booking:
    """The booking after a payment of one of its adjustments."""
    paid = {"status": "paid", "payment_id": str(payment_id)}
    adjustments = [{**one, **paid} if one["number"] == number else one for one in booking.adjustments]
    return replace(booking, adjustments=adjustments, paid_cents=booking.paid_cents + amount_cents)


def with_return(booking: Booking, payment: PaymentState) -> Booking:
    """The booking after a payment for one of its adjustments that was void by then: it came, and it goes back."""
    void = adjustment_of(booking, payment.purpose)
    adjustments = [
        {**one, "returned_payment_id": str(payment.id)} if one is void else one for one in booking.adjustments
    ]
    cents = payment.captured_cents
    return replace(
        booking,
        adjustments=adjustments,
        paid_cents=booking.paid_cents + cents,
        returned_cents=booking.returned_cents + cents,
    )


def payments_of(booking: Booking) -> list[UUID]:
    """The payments whose money the booking holds: that of its price and those of its adjustments."""
    adjusting = [UUID(one["payment_id"]) for one in booking.adjustments if "payment_id" in one]
    return [*([booking.paid_payment_id] if booking.paid_payment_id else []), *adjusting]


def shares(accounts: Sequence[Account], amount_cents: int) -> list[tuple[UUID, int]]:
    """(payment, cents) that make up `amount_cents`, from the newest payment to the oldest; never more than is left."""
    found: list[tuple[UUID, int]] = []
    for account in reversed(accounts):
        part = min(account.left_cents, amount_cents)
        if part > 0:
            found.append((account.payment_id, part))
            amount_cents -= part
    return found


def _void_unless(missing: int, adjustment: dict[str, Any]) -> dict[str, Any]:
    if adjustment["status"] != "open" or adjustment["amount_cents"] == missing:
        return adjustment
    return {**adjustment, "status": "void"}
