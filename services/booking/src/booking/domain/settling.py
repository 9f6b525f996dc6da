"""What is still to be paid, or to be given back, when the price of a paid booking changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from shared.contracts.base import BookingStatus
from shared.contracts.payments import PaymentState
from shared.money import CHARGEABLE_MINIMUM_CENTS

from booking.domain.booking import OVER, Booking
from booking.domain.price_documents import explanation
from booking.domain.pricing import Line


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


def left_of(accounts: Iterable[Account]) -> int:
    """How many cents of all these payments are left to give back."""
    return sum(account.left_cents for account in accounts)


def settled(booking: Booking, left_cents: int, fee_cents: int = 0) -> Settlement:
    """Holds what was paid against the price: one open adjustment asks for what is missing, what is too much goes back.

    An adjustment that is open already stays if it asks for just that, so that its payment may go on; any other becomes
    void. What goes back is never more than `left_cents`, since staff may have refunded more than the price demands.
    `fee_cents` are the fees of late moves that nothing paid so far was for. So little that no card can be charged with
    it is waived. What went back before and came back since, because its refund failed, is held again.
    """
    booking = replace(booking, returned_cents=booking.returned_cents - came_back(booking, left_cents))
    missing = booking.total_price_cents - (booking.paid_cents - booking.returned_cents)
    if 0 < missing < CHARGEABLE_MINIMUM_CENTS:
        booking, missing = _waived(booking, missing), 0
    fee = min(max(0, missing), unpaid_fee(booking) + fee_cents)
    adjustments = [_void_unless(missing, fee, one) for one in booking.adjustments]
    if missing > 0 and not any(one["status"] == "open" for one in adjustments):
        following = {"number": len(adjustments) + 1, "amount_cents": missing, "status": "open", "fee_cents": fee}
        adjustments.append(following)
    back = max(0, min(-missing, left_cents))
    return Settlement(
        replace(booking, adjustments=adjustments, returned_cents=booking.returned_cents + back), refund_cents=back
    )


def came_back(booking: Booking, left_cents: int) -> int:
    """How many cents of what changes gave back are here after all, since their refunds failed."""
    return min(booking.returned_cents, max(0, left_cents - (booking.paid_cents - booking.returned_cents)))


def kept_after(booking: Booking, refund_cents: int, left_cents: int) -> int:
    """How many cents of its price the company keeps of a booking when `refund_cents` go back with its cancellation.

    What a change was to give back is no part of the price, although it goes back only now.
    """
    held = min(booking.total_price_cents, booking.paid_cents - booking.returned_cents)
    return max(0, held - max(0, refund_cents - came_back(booking, left_cents)))


def open_adjustment(booking: Booking) -> dict[str, Any] | None:
    """What a change of the booking still costs, if anything; there is never more than one at a time."""
    return _open_one(booking.adjustments)


def unpaid_fee(booking: Booking) -> int:
    """How many cents of what a change still costs are fees of late moves."""
    change = open_adjustment(booking)
    return int(change.get("fee_cents", 0)) if change else 0


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid next: for which purpose, and how many cents."""

    purpose: str
    cents: int


def amount_due(booking: Booking) -> Due | None:
    """The price of an unpaid booking, or what a change of a paid one costs; nothing when nothing is to be paid."""
    return due_of(booking.status, booking.total_price_cents, booking.adjustments)


def due_of(status: BookingStatus, total_cents: int, adjustments: Iterable[dict[str, Any]]) -> Due | None:
    """The same for a booking of which no more is known than this."""
    if status in ("pending", "confirmed"):
        return Due("booking", total_cents)
    if status in OVER or (change := _open_one(adjustments)) is None:
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
    """The booking after a payment for what it did not cost any more: it came, and it goes back.

    It was for an adjustment that was void by then, or for the price of a booking that had become free.
    """
    void = adjustment_of(booking, payment.purpose)
    adjustments = [
        {**one, "returned_payment_id": str(payment.id)} if one is void else one for one in booking.adjustments
    ]
    cents = payment.captured_cents
    return replace(
        booking,
        adjustments=adjustments,
        paid_payment_id=booking.paid_payment_id if void else payment.id,
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


def _open_one(adjustments: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    return next((one for one in adjustments if one["status"] == "open"), None)


def _void_unless(missing: int, fee: int, adjustment: dict[str, Any]) -> dict[str, Any]:
    if adjustment["status"] != "open":
        return adjustment
    if adjustment["amount_cents"] == missing:
        return {**adjustment, "fee_cents": fee}
    return {**adjustment, "status": "void"}


def _waived(booking: Booking, cents: int) -> Booking:
    """The booking without the last `cents` of its price, and a line that says so."""
    line = Line("waived", -cents, "too_little_to_charge", "Too little to charge a card with.")
    explanations = [*booking.price_detail["explanations"], explanation(line, booking.catalog_version)]
    total = booking.total_price_cents - cents
    waived = booking.prices.get("waived_cents", 0) + cents
    return replace(
        booking,
        total_price_cents=total,
        prices={**booking.prices, "waived_cents": waived, "total_price_cents": total},
        price_detail={**booking.price_detail, "explanations": explanations},
    )
