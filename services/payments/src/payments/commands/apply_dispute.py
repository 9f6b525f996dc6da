"""The one way in which a dispute at Stripe changes ours, under its payment's lock."""

from dataclasses import dataclass

from shared.contracts.payments import DisputeClosed, DisputeOpened, DisputeState
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.money import format_dollars
from sqlalchemy import insert, select, update

from payments.adapters import books
from payments.adapters.dispute_tables import disputes
from payments.adapters.repository import lock_payment_of_intent
from payments.domain.dispute import Dispute, advance_dispute, status_of
from payments.domain.facts import DisputeFacts, Movement
from payments.domain.ledger import fee_entries, movement_entries
from payments.domain.payment import Payment

_COLUMNS = tuple(disputes.c[name] for name in Dispute.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class ApplyDispute:
    """Stripe told these facts."""

    facts: DisputeFacts


async def apply_dispute(command: ApplyDispute, uow: UnitOfWork) -> Dispute | None:
    """The dispute as it is now; null if it is about no payment of ours. Each movement of money is booked once."""
    facts = command.facts
    payment = await lock_payment_of_intent(uow, facts.intent_id)
    if payment is None:
        return None
    row = await uow.fetch_one(select(*_COLUMNS).where(disputes.c.stripe_dispute_id == facts.id))
    before = Dispute(**row._mapping) if row else await _open(uow, payment, facts)
    for movement in facts.movements:
        await _book(uow, payment, movement)
    after = advance_dispute(before, facts, uow.now)
    if after is None:
        return before
    await uow.execute(update(disputes).where(disputes.c.id == after.id).values(_values(after)))
    await _tell_change(uow, after)
    return after


async def _open(uow: UnitOfWork, payment: Payment, facts: DisputeFacts) -> Dispute:
    dispute = Dispute(
        id=new_id(),
        version=1,
        payment_id=payment.id,
        booking_id=payment.booking_id,
        booking_number=payment.booking_number,
        stripe_dispute_id=facts.id,
        stripe_status=facts.status if status_of(facts.status) == "open" else "needs_response",
        amount_cents=facts.amount_cents,
        status="open",
        reason=facts.reason,
        opened_at=uow.now,
    )
    await uow.execute(insert(disputes).values(_values(dispute)))
    text = f"The customer's bank disputes {format_dollars(facts.amount_cents)} ({facts.reason or 'no reason given'})."
    await books.note(uow, payment.id, "dispute_opened", text, books.STRIPE, after={"dispute": facts.id})
    uow.record(DisputeOpened(dispute=_state(dispute)), dispute.version)
    message = f"Booking {payment.booking_number}: {text} Answer it at Stripe in time."
    books.raise_alert(uow, _alert_of(dispute), message, payment.booking_id)
    return dispute


async def _book(uow: UnitOfWork, payment: Payment, movement: Movement) -> None:
    if movement.amount_cents:
        entries = movement_entries("dispute", movement.id, "disputes", movement.amount_cents)
        await books.book_once(uow, payment.id, entries)
    if movement.fee_cents:
        await books.book_once(uow, payment.id, fee_entries(movement.id, movement.fee_cents))


async def _tell_change(uow: UnitOfWork, dispute: Dispute) -> None:
    after = {"dispute": dispute.stripe_dispute_id, "status": dispute.stripe_status}
    text = f"The dispute is {dispute.stripe_status.replace('_', ' ')}."
    await books.note(uow, dispute.payment_id, "dispute_changed", text, books.STRIPE, after=after)
    if dispute.status == "open":
        return
    uow.record(DisputeClosed(dispute=_state(dispute)), dispute.version)
    books.clear_alert(uow, _alert_of(dispute))
    if dispute.status == "lost":
        amount = format_dollars(dispute.amount_cents)
        message = f"Booking {dispute.booking_number}: the dispute over {amount} was lost."
        books.raise_alert(uow, f"dispute-lost:{dispute.stripe_dispute_id}", message, dispute.booking_id)


def _alert_of(dispute: Dispute) -> str:
    return f"dispute:{dispute.stripe_dispute_id}"


def _values(dispute: Dispute) -> dict[str, object]:
    return {name: getattr(dispute, name) for name in Dispute.__dataclass_fields__}


def _state(dispute: Dispute) -> DisputeState:
    names = DisputeState.model_fields
    return DisputeState(**{name: getattr(dispute, name) for name in names})
