"""Book what moved on our balance at Stripe besides charges and refunds: fees, payouts, and money that is not ours."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import select

from payments.adapters import books
from payments.adapters.repository import lock_payment_of_intent
from payments.adapters.tables import refunds
from payments.domain.facts import MovementFacts
from payments.domain.ledger import Entry, fee_entries, movement_entries
from payments.domain.payment import Payment

Booked = Literal["ours", "payout", "fee", "foreign", "on_its_way", "differs"]
PATIENCE = timedelta(hours=1)
"""How long a movement of ours may be known to Stripe alone, while its webhook is on the way."""


@dataclass(frozen=True, slots=True)
class BookMovement:
    """Stripe told of this movement."""

    facts: MovementFacts


async def book_movement(command: BookMovement, uow: UnitOfWork) -> Booked:
    """Books it once, and alerts if it is not the one that our books know."""
    facts = command.facts
    payment = await lock_payment_of_intent(uow, facts.intent_id) if facts.intent_id else None
    if payment is not None:
        return await _ours(uow, payment, facts)
    if facts.is_ours:
        message = f"Money moved at Stripe for a payment that is not known here ({facts.id})."
        return _difference(uow, facts, f"unknown-movement:{facts.id}", message)
    return await _others(uow, facts)


async def _ours(uow: UnitOfWork, payment: Payment, facts: MovementFacts) -> Booked:
    if facts.category.startswith("dispute"):
        await _book(uow, payment.id, movement_entries("dispute", facts.id, "disputes", facts.amount_cents))
    if facts.fee_cents:
        await _book(uow, payment.id, fee_entries(facts.id, facts.fee_cents))
    if facts.category == "charge" and facts.amount_cents != payment.captured_cents and not payment.is_for_people:
        message = (
            f"Booking {payment.booking_number}: Stripe captured {facts.amount_cents} cents and the books have "
            f"{payment.captured_cents}."
        )
        return _difference(uow, facts, f"charge-differs:{payment.id}", message, payment.booking_id)
    if facts.is_of_refund and payment.is_captured and not await _refund_is_booked(uow, facts):
        message = f"Booking {payment.booking_number}: {facts.id} moved money of a refund that the books have otherwise."
        return _difference(uow, facts, f"refund-differs:{facts.id}", message, payment.booking_id)
    return "ours"


async def _refund_is_booked(uow: UnitOfWork, facts: MovementFacts) -> bool:
    """By the amount and, for one that came back, by its failure."""
    this = refunds.c.stripe_refund_id == facts.source_id, refunds.c.amount_cents == abs(facts.amount_cents)
    status = await uow.scalar(select(refunds.c.status).where(*this))
    return status == "failed" if facts.category == "refund_failure" else status is not None


def _difference(
    uow: UnitOfWork, facts: MovementFacts, key: str, message: str, booking_id: UUID | None = None
) -> Booked:
    if uow.now - facts.made_at <= PATIENCE:
        return "on_its_way"
    books.raise_alert(uow, key, message, booking_id)
    return "differs"


async def _others(uow: UnitOfWork, facts: MovementFacts) -> Booked:
    net = facts.amount_cents - facts.fee_cents
    if facts.category.startswith("payout"):
        await _book(uow, None, movement_entries("payout", facts.id, "payouts", net))
        return "payout"
    if facts.category in ("fee", "network_cost", "tax"):
        await _book(uow, None, movement_entries("stripe_fee", facts.id, "stripe_fees", net))
        return "fee"
    await _book(uow, None, movement_entries("foreign", facts.id, "not_ours", net))
    return "foreign"


async def _book(uow: UnitOfWork, payment_id: UUID | None, entries: tuple[Entry, ...]) -> None:
    """Movements of nothing are no facts."""
    if entries[0].amount_cents:
        await books.book_once(uow, payment_id, entries)
