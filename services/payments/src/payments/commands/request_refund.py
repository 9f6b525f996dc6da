"""Decide a refund, under the payment's lock. Stripe is asked for it after the commit, by the worker."""

from dataclasses import dataclass
from uuid import UUID

from shared.audit import member_of, record_staff_action
from shared.contracts.payments import RefundCreated
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.http.identity import Caller
from shared.ids import new_id
from shared.money import format_dollars
from sqlalchemy import select

from payments.adapters import books
from payments.adapters.repository import REFUNDS, add_refund, lock_payment, promised_cents, refund_of
from payments.adapters.tables import refunds
from payments.domain.errors import NothingToRefund, PaymentNotFound
from payments.domain.payment import Payment
from payments.domain.refund import Refund, amount_to_refund


@dataclass(frozen=True, slots=True)
class RequestRefund:
    """A staff member gives `amount_cents` of the payment back, or (null) all that is left."""

    payment_id: UUID
    amount_cents: int | None
    reason: str
    staff: Caller
    key: IdempotencyKey | None = None


async def request_refund(command: RequestRefund, uow: UnitOfWork) -> Refund:
    """Raises `PaymentNotFound`, `NothingToRefund` or `RefundTooLarge`."""
    refund_id = await claim(uow, command.key, new_id())
    payment = await lock_payment(uow, command.payment_id)
    if payment is None:
        raise PaymentNotFound()
    if row := await uow.fetch_one(REFUNDS.where(refunds.c.id == refund_id)):
        return refund_of(row)
    promised = await promised_cents(uow, payment.id)
    amount = amount_to_refund(payment, promised, command.amount_cents)
    text = f"Refunded {format_dollars(amount)} of booking {payment.booking_number}."
    record_staff_action(uow, member_of(command.staff), "payment_refunded", text, booking_id=payment.booking_id)
    requested_by = f"staff:{command.staff.require_staff()}"
    return await open_refund(uow, payment, amount, command.reason, requested_by, refund_id=refund_id)


@dataclass(frozen=True, slots=True)
class CarryOutRefund:
    """Booking wants `amount_cents` back, or (null) all that is left; `request_id` is one refund however often asked."""

    request_id: UUID
    payment_id: UUID
    amount_cents: int | None
    reason: str


async def carry_out_refund(command: CarryOutRefund, uow: UnitOfWork) -> None:
    """Refunds what booking asked for, at most what is left; staff are told when that is less.

    Raises `PaymentNotFound` for a payment that never was.
    """
    payment = await lock_payment(uow, command.payment_id)
    if payment is None:
        raise PaymentNotFound()
    known = select(refunds.c.id).where(refunds.c.request_id == command.request_id)
    if await uow.scalar(known) is not None:
        return
    left = payment.captured_cents - await promised_cents(uow, payment.id)
    wanted = left if command.amount_cents is None else command.amount_cents
    if amount := max(0, min(wanted, left)):
        await open_refund(uow, payment, amount, command.reason, books.BOOKING, request_id=command.request_id)
    if wanted > left or not amount:
        await _tell_shortfall(uow, payment, wanted, amount)


async def _tell_shortfall(uow: UnitOfWork, payment: Payment, wanted: int, amount: int) -> None:
    text = f"{wanted} cents were to be refunded and {amount} were left to refund."
    await books.note(uow, payment.id, "refund_shortfall", text, books.BOOKING)
    if wanted > amount:
        message = f"Booking {payment.booking_number}: {text}"
        books.raise_alert(uow, f"refund-shortfall:{payment.id}", message, payment.booking_id)


async def open_refund(
    uow: UnitOfWork,
    payment: Payment,
    amount_cents: int,
    reason: str,
    requested_by: str,
    *,
    request_id: UUID | None = None,
    refund_id: UUID | None = None,
    stripe_refund_id: str | None = None,
) -> Refund:
    """Stores a pending refund of a payment that is locked, with its audit entry and its event."""
    if amount_cents <= 0:
        raise NothingToRefund()
    refund = Refund(
        id=refund_id or new_id(),
        version=1,
        payment_id=payment.id,
        booking_id=payment.booking_id,
        booking_number=payment.booking_number,
        amount_cents=amount_cents,
        status="pending",
        reason=reason,
        requested_by=requested_by,
        attempt=1,
        created_at=uow.now,
        request_id=request_id,
        stripe_refund_id=stripe_refund_id,
    )
    await add_refund(uow, refund)
    # The reason is the refund's alone: people write names into it, and the audit trail outlives an erasure.
    after = {"refund_id": str(refund.id), "amount_cents": amount_cents}
    await books.note(uow, payment.id, "refund_requested", "A refund was decided.", requested_by, after=after)
    books.announce_refund(uow, refund, payment, RefundCreated)
    return refund
