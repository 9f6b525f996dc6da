"""What is only ever added to: ledger, audit trail, alerts; and the events that tell of payments and refunds."""

from typing import Any
from uuid import UUID

from shared.contracts import payments as contracts
from shared.contracts.booking import AlertCleared, AlertRaised
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from payments.adapters.tables import ledger_entries, payment_audit
from payments.domain.ledger import Entry
from payments.domain.payment import Happened, Payment
from payments.domain.refund import Refund

SYSTEM, STRIPE, BOOKING = "system", "stripe", "booking"
"""Actors of the audit trail besides `staff:<account id>`."""

_EVENTS: dict[Happened, type[contracts.PaymentEvent]] = {
    "created": contracts.PaymentCreated,
    "processing": contracts.PaymentProcessing,
    # It is as open as it was at first; told, since a booking does not expire while its payment is being processed.
    "waiting": contracts.PaymentCreated,
    "succeeded": contracts.PaymentSucceeded,
    "failed": contracts.PaymentFailed,
    "cancelled": contracts.PaymentCancelled,
}
_BOOK = insert(ledger_entries)
_BOOK_ONCE = upsert(ledger_entries).on_conflict_do_nothing()
_NOTE = insert(payment_audit)


async def book(uow: UnitOfWork, payment_id: UUID, entries: tuple[Entry, ...]) -> None:
    """Books one fact; the database refuses a fact that is booked already or not balanced."""
    for row in _rows(uow, payment_id, entries):
        uow.send(_BOOK, row)


async def book_once(uow: UnitOfWork, payment_id: UUID | None, entries: tuple[Entry, ...]) -> None:
    """Books one fact that may have been told before; `payment_id` null if it belongs to no payment."""
    for row in _rows(uow, payment_id, entries):
        uow.send(_BOOK_ONCE, row)


def _rows(uow: UnitOfWork, payment_id: UUID | None, entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    return [
        {
            "fact": entry.fact,
            "account": entry.account,
            "amount_cents": entry.amount_cents,
            "payment_id": payment_id,
            "booked_at": uow.now,
        }
        for entry in entries
    ]


async def note(
    uow: UnitOfWork,
    payment_id: UUID | None,
    action_type: str,
    description: str,
    actor: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Adds a step to the payment's audit trail."""
    values = {
        "payment_id": payment_id,
        "action_type": action_type,
        "description": description,
        "actor": actor,
        "before": before,
        "after": after,
        "created_at": uow.now,
    }
    uow.send(_NOTE, values)


def raise_alert(uow: UnitOfWork, key: str, message: str, booking_id: UUID | None) -> None:
    """Has staff look at something; alerts with one key are one alert."""
    alert = AlertRaised(alert_id=new_id(), key=key, severity="critical", message=message, booking_id=booking_id)
    uow.record(alert, version=1)


def clear_alert(uow: UnitOfWork, key: str) -> None:
    """What the alert of this key told of is over."""
    uow.record(AlertCleared(alert_id=new_id(), key=key), version=1)


def announce(uow: UnitOfWork, payment: Payment, what: Happened) -> None:
    """Tells the other services what happened to the payment, which was moved in this transaction.

    A payment that doubles another stays between us and Stripe: for everybody else its booking was paid once.
    """
    if payment.duplicate_of is None:
        uow.record(_EVENTS[what](payment=payment_state(payment)), payment.version)


def announce_refund(uow: UnitOfWork, refund: Refund, payment: Payment, event: type[contracts.RefundEvent]) -> None:
    """Tells the other services what happened to a refund, unless it gives back what they never heard of."""
    if payment.duplicate_of is None:
        uow.record(event(refund=refund_state(refund), payment=payment_state(payment)), refund.version)


def payment_state(payment: Payment) -> contracts.PaymentState:
    """The payment as it is published."""
    return contracts.PaymentState(
        id=payment.id,
        version=payment.version,
        booking_id=payment.booking_id,
        booking_number=payment.booking_number,
        customer_id=payment.customer_id,
        purpose=payment.purpose,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        status=payment.public_status,
        failure_reason=payment.failure_reason,
        captured_cents=payment.captured_cents,
        refunded_cents=payment.refunded_cents,
        stripe_payment_intent_id=payment.intent_id or "",
        stripe_charge_id=payment.charge_id,
        created_at=payment.created_at,
        processed_at=payment.processed_at,
    )


def refund_state(refund: Refund) -> contracts.RefundState:
    """The refund as it is published."""
    return contracts.RefundState(
        id=refund.id,
        version=refund.version,
        payment_id=refund.payment_id,
        booking_id=refund.booking_id,
        booking_number=refund.booking_number,
        amount_cents=refund.amount_cents,
        status=refund.status,
        reason=refund.reason,
        requested_by=refund.requested_by,
        request_id=refund.request_id,
        stripe_refund_id=refund.stripe_refund_id or "",
        failure_reason=refund.failure_reason,
        created_at=refund.created_at,
        processed_at=refund.processed_at,
    )
