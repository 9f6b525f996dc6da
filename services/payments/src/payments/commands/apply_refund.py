"""The one way in which a refund at Stripe changes ours: payment and refund are locked, in this order."""

from dataclasses import dataclass, replace
from uuid import UUID

from shared.contracts.payments import RefundFailed, RefundSucceeded
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import or_, select, update

from payments.adapters import books
from payments.adapters.repository import (
    lock_payment,
    lock_payment_of_intent,
    lock_refund,
    move_payment,
    read_booking,
    store_refund,
)
from payments.adapters.tables import refunds
from payments.adapters.taxes import held_for
from payments.commands.request_refund import open_refund
from payments.domain.errors import NotCapturedYet
from payments.domain.facts import RefundFacts
from payments.domain.ledger import refund_entries, refund_reversal_entries
from payments.domain.payment import Payment, refunded
from payments.domain.refund import Refund, advance_refund, refuse_refund
from payments.domain.tax import tax_given_back


@dataclass(frozen=True, slots=True)
class ApplyRefund:
    """Stripe told these facts."""

    facts: RefundFacts


async def apply_refund(command: ApplyRefund, uow: UnitOfWork) -> Refund | None:
    """The refund as it is now; null if it is none of ours."""
    facts = command.facts
    found = await _locked(uow, facts)
    if found is None:
        return None
    payment, before = found
    after = advance_refund(before, facts, uow.now)
    if after is None:
        return before
    if after.status == "succeeded":
        after = await _taxed(uow, payment, after)
    await store_refund(uow, after)
    if after.status != before.status:
        await _follow(uow, payment, before, after)
    return after


async def _locked(uow: UnitOfWork, facts: RefundFacts) -> tuple[Payment, Refund] | None:
    is_this = or_(refunds.c.id == facts.refund_id, refunds.c.stripe_refund_id == facts.id)
    row = await uow.fetch_one(select(refunds.c.id, refunds.c.payment_id).where(is_this))
    if row is None:
        return await _adopted(uow, facts)
    payment = await lock_payment(uow, row.payment_id)
    refund = await lock_refund(uow, row.id)
    assert payment is not None
    assert refund is not None
    return payment, refund


async def _adopted(uow: UnitOfWork, facts: RefundFacts) -> tuple[Payment, Refund] | None:
    """A refund that somebody made in Stripe's dashboard: the money is gone, so the books must show it.

    What went back of money that was never counted here is nothing for the books; raises `NotCapturedYet` while it may
    still be counted.
    """
    payment = await lock_payment_of_intent(uow, facts.intent_id)
    if payment is None or facts.refund_id is not None:
        return None
    if not payment.is_captured:
        if payment.is_open and payment.parked_at is None:
            raise NotCapturedYet()
        return None
    known = await uow.scalar(select(refunds.c.id).where(refunds.c.stripe_refund_id == facts.id))
    refund = await lock_refund(uow, known) if known else None
    if refund is None:
        reason = "refunded at Stripe"
        refund = await open_refund(uow, payment, facts.amount_cents, reason, books.STRIPE, stripe_refund_id=facts.id)
    return payment, refund


async def _taxed(uow: UnitOfWork, payment: Payment, refund: Refund) -> Refund:
    """Not known for a payment whose tax is not, and nothing for money that came in twice."""
    booking = await read_booking(uow, payment.booking_id)
    if booking is None or payment.tax_cents is None or payment.duplicate_of is not None:
        return refund
    before = await held_for(uow, booking)
    return replace(refund, tax_cents=tax_given_back(booking, before, refund.amount_cents))


async def _follow(uow: UnitOfWork, payment: Payment, before: Refund, after: Refund) -> None:
    """What a refund's end means for its payment, the ledger and everybody else."""
    if after.status == "succeeded":
        payment = await _count(uow, payment, after.amount_cents)
        await books.book(uow, payment.id, refund_entries(str(after.id), after.amount_cents))
        await books.note(uow, payment.id, "refund_succeeded", "The money is on its way back.", books.STRIPE)
        books.announce_refund(uow, after, payment, RefundSucceeded)
        return
    if before.status == "succeeded":
        payment = await _count(uow, payment, -after.amount_cents)
        await books.book(uow, payment.id, refund_reversal_entries(str(after.id), after.amount_cents))
    await books.note(uow, payment.id, "refund_failed", after.failure_reason, books.STRIPE)
    books.announce_refund(uow, after, payment, RefundFailed)
    message = f"A refund of booking {after.booking_number} failed: {after.failure_reason}"
    books.raise_alert(uow, f"refund-failed:{after.id}", message, after.booking_id)


async def _count(uow: UnitOfWork, payment: Payment, cents: int) -> Payment:
    after = refunded(payment, payment.refunded_cents + cents)
    await move_payment(uow, payment, after)
    return after


@dataclass(frozen=True, slots=True)
class RefuseRefund:
    """Stripe refused to refund; `code` is Stripe's."""

    refund_id: UUID
    payment_id: UUID
    code: str


async def refuse_refund_at_stripe(command: RefuseRefund, uow: UnitOfWork) -> None:
    """The refund has failed, its amount is free again, and staff are told."""
    payment = await lock_payment(uow, command.payment_id)
    before = await lock_refund(uow, command.refund_id)
    if payment is None or before is None or before.status != "pending":
        return
    after = refuse_refund(before, command.code, uow.now)
    await store_refund(uow, after)
    await _follow(uow, payment, before, after)


@dataclass(frozen=True, slots=True)
class NextRefundAttempt:
    """The key of attempt `after` is spent or forgotten and has refunded nothing, which was proven by looking."""

    refund_id: UUID
    after: int


async def next_refund_attempt(command: NextRefundAttempt, uow: UnitOfWork) -> int:
    """The number of the attempt that may be made now."""
    bump = update(refunds).where(refunds.c.id == command.refund_id, refunds.c.attempt == command.after)
    await uow.execute(bump.values(attempt=command.after + 1, attempt_at=uow.now))
    return command.after + 1
