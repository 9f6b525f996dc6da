"""The one way in which an intent at Stripe changes a payment, whoever heard of it: browser, webhook, reconciler.

It runs under the payment's row lock, and what follows from a change happens only with the change.
"""

from dataclasses import dataclass, replace

from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import update

from payments.adapters import books
from payments.adapters.repository import (
    add_payment,
    lock_live_payment,
    lock_payment_of_intent,
    lock_payments_named,
    move_payment,
    read_booking,
)
from payments.adapters.tables import payments
from payments.adapters.taxes import held_for
from payments.commands.request_refund import open_refund
from payments.domain.facts import IntentFacts
from payments.domain.ledger import charge_entries
from payments.domain.payment import Change, Happened, Mismatch, Payment, advance
from payments.domain.tax import tax_collected

BEYOND_LOST_VERSIONS = 1000
"""Others may have heard of later versions of a payment than are left here, and would ignore the same ones again."""

_STEPS: dict[Happened, tuple[str, str]] = {
    "created": ("intent_created", "The intent exists at Stripe."),
    "processing": ("payment_processing", "The bank is working on it."),
    "succeeded": ("payment_succeeded", "The money was captured."),
    "failed": ("payment_declined", "The card was declined."),
    "cancelled": ("payment_cancelled", "The intent was cancelled at Stripe."),
    "waiting": ("payment_waiting", "The payment waits for a card again."),
}


@dataclass(frozen=True, slots=True)
class ApplyPaymentIntent:
    """Stripe told these facts."""

    facts: IntentFacts


@dataclass(frozen=True, slots=True)
class Applied:
    """The payment as it is now (null if the intent belongs to none) and whether anything changed."""

    payment: Payment | None
    changed: bool = False


async def apply_payment_intent(command: ApplyPaymentIntent, uow: UnitOfWork) -> Applied:
    """Moves the payment to where the facts say it is; repeated and late facts change nothing."""
    payment = await _payment_of(uow, command.facts)
    if payment is None:
        return Applied(None)
    match advance(payment, command.facts, uow.now):
        case Change() as change:
            return Applied(await _carry_out(uow, payment, change), changed=True)
        case Mismatch(reason):
            return Applied(await _park(uow, payment, command.facts, reason), changed=True)
        case None:
            return Applied(payment)


async def _payment_of(uow: UnitOfWork, facts: IntentFacts) -> Payment | None:
    if facts.payment_id is None or not facts.is_ours:
        return await lock_payment_of_intent(uow, facts.id)
    found = await lock_payments_named(uow, facts.id, facts.payment_id)
    for payment in found:
        if payment.intent_id == facts.id or (payment.intent_id is None and len(found) == 1):
            return payment
    if not found:
        return await _found_again(uow, facts)
    # The named payment has another intent. Its lock is held now, so a twin's stray row can be seen if there is one.
    return await lock_payment_of_intent(uow, facts.id) or await _add_stray(uow, found[0], facts)


async def _found_again(uow: UnitOfWork, facts: IntentFacts) -> Payment | None:
    """A payment of ours that was paid, and whose row is gone: the database was restored from before it.

    It counts like one that had been given up, so that no payment is in its way that took its place since.
    """
    if facts.status != "succeeded" or facts.payment_id is None or facts.booking_id is None:
        return None
    booking = await read_booking(uow, facts.booking_id)
    if booking is None:
        return None
    payment = Payment(
        id=facts.payment_id,
        version=BEYOND_LOST_VERSIONS,
        booking_id=booking.id,
        booking_number=booking.booking_number,
        customer_id=booking.customer_id,
        purpose=facts.purpose,
        amount_cents=facts.amount_cents,
        currency=facts.currency,
        status="cancelled",
        attempt=1,
        created_at=uow.now,
        intent_id=facts.id,
    )
    await add_payment(uow, payment)
    await books.note(uow, payment.id, "payment_found_again", "It was known to Stripe and not here.", books.SYSTEM)
    books.clear_alert(uow, f"unknown-intent:{facts.id}")
    return payment


async def _add_stray(uow: UnitOfWork, payment: Payment, facts: IntentFacts) -> Payment:
    """An intent beside the one that the payment has: nobody should pay it, so it is to be cancelled."""
    stray = replace(
        payment,
        id=new_id(),
        version=1,
        status="requires_payment",
        amount_cents=facts.amount_cents,
        failure_reason="",
        captured_cents=0,
        refunded_cents=0,
        intent_id=facts.id,
        charge_id="",
        duplicate_of=payment.duplicate_of or payment.id,
        created_at=uow.now,
        processed_at=None,
        parked_at=None,
        dismissed_at=None,
        tax_cents=None,
    )
    await add_payment(uow, stray)
    await uow.execute(update(payments).where(payments.c.id == stray.id).values(cancel_at=uow.now))
    await books.note(uow, stray.id, "stray_intent", "A second intent for one payment was found.", books.SYSTEM)
    return stray


async def _carry_out(uow: UnitOfWork, before: Payment, change: Change) -> Payment:
    after, what = change.payment, change.what
    if what == "succeeded" and not before.is_open:
        after = await _marked_if_second(uow, after)
    if what == "succeeded":
        after = await _taxed(uow, after)
    await move_payment(uow, before, after)
    action, description = _STEPS[what]
    await books.note(uow, after.id, action, description, books.STRIPE, _summary(before), _summary(after))
    books.announce(uow, after, what)
    if what == "succeeded":
        assert after.intent_id is not None
        await books.book(uow, after.id, charge_entries(after.intent_id, after.captured_cents))
        if after.duplicate_of is not None:
            await _give_back(uow, after)
    return after


async def _taxed(uow: UnitOfWork, payment: Payment) -> Payment:
    """The tax in it is that of the price at this moment, whatever the booking may cost one day."""
    booking = await read_booking(uow, payment.booking_id)
    assert booking is not None, "payments are made for bookings"
    before = await held_for(uow, booking)
    return replace(payment, tax_cents=tax_collected(booking, before, payment.captured_cents))


async def _marked_if_second(uow: UnitOfWork, payment: Payment) -> Payment:
    """Money that came in on an intent given up long ago: one too many if another payment took its place and was paid.

    One that nobody has paid yet gives way: its intent is to be cancelled, and nobody else hears of it any more.
    """
    live = await lock_live_payment(uow, payment.booking_id, payment.purpose)
    if live is None:
        return payment
    other = live.payment
    if other.is_captured:
        return replace(payment, duplicate_of=other.id)
    after = replace(other, version=other.version + 1, duplicate_of=payment.id)
    books.announce(uow, replace(after, status="cancelled", duplicate_of=None), "cancelled")
    await move_payment(uow, other, after)
    await uow.execute(update(payments).where(payments.c.id == other.id).values(cancel_at=uow.now))
    return payment


async def _give_back(uow: UnitOfWork, payment: Payment) -> None:
    await open_refund(uow, payment, payment.captured_cents, "paid twice", books.SYSTEM)
    message = f"Booking {payment.booking_number} was paid twice; the second payment is being refunded."
    books.raise_alert(uow, f"paid-twice:{payment.id}", message, payment.booking_id)


async def _park(uow: UnitOfWork, payment: Payment, facts: IntentFacts, reason: str) -> Payment:
    """Stripe's success is not ours to count; nothing moves until people have looked."""
    await uow.execute(update(payments).where(payments.c.id == payment.id).values(parked_at=uow.now))
    told = {"intent": facts.id, "amount_received_cents": facts.amount_received_cents, "currency": facts.currency}
    await books.note(uow, payment.id, "payment_mismatch", f"Not counted: {reason}.", books.STRIPE, after=told)
    message = f"A payment of booking {payment.booking_number} does not match: {reason}."
    books.raise_alert(uow, f"payment-mismatch:{payment.id}", message, payment.booking_id)
    return replace(payment, parked_at=uow.now)


def _summary(payment: Payment) -> dict[str, object]:
    return {
        "status": payment.status,
        "captured_cents": payment.captured_cents,
        "failure_reason": payment.failure_reason,
    }
