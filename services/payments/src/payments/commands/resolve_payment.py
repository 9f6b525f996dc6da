"""The way out for a payment that was parked because Stripe's success was not the one that was asked for."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.http.identity import Caller
from shared.ids import new_id
from sqlalchemy import update

from payments.adapters import books
from payments.adapters.repository import lock_payment, move_payment
from payments.adapters.tables import payments
from payments.commands.apply_payment_intent import ApplyPaymentIntent, apply_payment_intent
from payments.commands.request_refund import open_refund
from payments.domain.errors import NotParked, NotRefundable, PaymentNotFound
from payments.domain.facts import IntentFacts
from payments.domain.ledger import charge_entries
from payments.domain.payment import Payment

Way = Literal["retry", "refund", "dismiss"]
"""Compare with Stripe once more · give back all that came in · people have settled it at Stripe by themselves."""


@dataclass(frozen=True, slots=True)
class ResolvePayment:
    """A staff member decides what becomes of a parked payment; `facts` is what Stripe told of its intent just now."""

    payment_id: UUID
    way: Way
    reason: str
    staff: Caller
    facts: IntentFacts | None = None
    key: IdempotencyKey | None = None


async def resolve_payment(command: ResolvePayment, uow: UnitOfWork) -> Payment:
    """The payment, parked no more, unless `retry` finds it as wrong as before.

    Raises `PaymentNotFound`, `NotParked`, `NotRefundable`, or what `claim` raises for keys used before.
    """
    attempt = new_id()
    resumed = await claim(uow, command.key, attempt) != attempt
    payment = await lock_payment(uow, command.payment_id)
    if payment is None:
        raise PaymentNotFound()
    if resumed:
        return payment
    if payment.parked_at is None:
        raise NotParked()
    values = {"parked_at": None, "check_at": uow.now, "cancel_at": None, "resolution": command.reason}
    await uow.execute(update(payments).where(payments.c.id == payment.id).values(values))
    payment = await _carry_out(uow, replace(payment, parked_at=None), command)
    await _tell(uow, payment, command)
    return payment


async def _carry_out(uow: UnitOfWork, payment: Payment, command: ResolvePayment) -> Payment:
    match command.way:
        case "refund":
            return await _give_back(uow, payment, command)
        case "dismiss":
            after = replace(_ended(uow, payment), dismissed_at=uow.now)
            await move_payment(uow, payment, after)
            return after
        case "retry":
            return await _compare_again(uow, payment, command.facts)


async def _compare_again(uow: UnitOfWork, payment: Payment, facts: IntentFacts | None) -> Payment:
    """A payment whose intent is not known here is still open, so that the reconciler asks for it."""
    if facts is None:
        return payment
    return (await apply_payment_intent(ApplyPaymentIntent(facts), uow)).payment or payment


def _ended(uow: UnitOfWork, payment: Payment) -> Payment:
    """Failed for everybody else, who would go on waiting for it if they were not told."""
    reason = "Settled by people at Stripe."
    after = replace(payment, version=payment.version + 1, status="failed", failure_reason=reason, processed_at=uow.now)
    if payment.is_open:
        books.announce(uow, after, "failed")
    return after


async def _give_back(uow: UnitOfWork, payment: Payment, command: ResolvePayment) -> Payment:
    """Counted as money that should not have come in: it names itself as what it doubles, and goes back in full.

    Others hear that the payment was cancelled; of what becomes of its money they hear nothing.
    """
    facts = command.facts
    if facts is None or facts.status != "succeeded" or facts.currency != payment.currency:
        raise NotRefundable()
    received = facts.amount_received_cents
    after = replace(
        payment,
        version=payment.version + 1,
        status="succeeded",
        amount_cents=received,
        captured_cents=received,
        charge_id=facts.charge_id,
        duplicate_of=payment.id,
        processed_at=uow.now,
    )
    if payment.is_open:
        books.announce(uow, replace(payment, version=after.version, status="cancelled"), "cancelled")
    await uow.execute(update(payments).where(payments.c.id == payment.id).values(amount_cents=received))
    await move_payment(uow, payment, after)
    await books.book(uow, after.id, charge_entries(facts.id, received))
    await open_refund(uow, after, received, command.reason, f"staff:{command.staff.require_staff()}")
    return after


async def _tell(uow: UnitOfWork, payment: Payment, command: ResolvePayment) -> None:
    """The reason stays on the payment's own row: people write names into it, and no log can forget them."""
    actor, after = f"staff:{command.staff.require_staff()}", {"status": payment.status}
    await books.note(uow, payment.id, "payment_resolved", f"Resolved by staff: {command.way}.", actor, after=after)
    if payment.parked_at is None:
        books.clear_alert(uow, f"payment-mismatch:{payment.id}")
    text = f"Resolved the parked payment of booking {payment.booking_number}: {command.way}."
    action = "payment_refunded" if command.way == "refund" else "payment_processed"
    record_staff_action(uow, member_of(command.staff), action, text, booking_id=payment.booking_id)
