"""Turns rows and domain objects into the answers' shapes."""

from typing import Any

from shared.http.identity import Caller
from shared.money import dollars

from payments.domain.booking import PURPOSE, BillableBooking
from payments.domain.payment import Payment
from payments.domain.refund import Refund
from payments.queries.payments import PaymentFile, Sums


def payment_summary(payment: Payment, email: str) -> dict[str, Any]:
    """A payment as staff see it in lists."""
    return {
        "id": payment.id,
        "booking_id": payment.booking_id,
        "booking_number": payment.booking_number,
        "customer_id": payment.customer_id,
        "customer_email": email,
        "purpose": payment.purpose,
        "status": payment.public_status,
        "amount_cents": payment.amount_cents,
        "amount_dollars": dollars(payment.amount_cents),
        "captured_cents": payment.captured_cents,
        "refunded_cents": payment.refunded_cents,
        "failure_reason": payment.failure_reason,
        "stripe_payment_intent_id": payment.intent_id or "",
        "stripe_charge_id": payment.charge_id,
        "duplicate_of": payment.duplicate_of,
        "created_at": payment.created_at,
        "processed_at": payment.processed_at,
    }


def refund_answer(refund: Refund) -> dict[str, Any]:
    """A refund as staff see it."""
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "booking_id": refund.booking_id,
        "booking_number": refund.booking_number,
        "amount_cents": refund.amount_cents,
        "amount_dollars": dollars(refund.amount_cents),
        "status": refund.status,
        "reason": refund.reason,
        "requested_by": refund.requested_by,
        "failure_reason": refund.failure_reason,
        "stripe_refund_id": refund.stripe_refund_id or "",
        "created_at": refund.created_at,
        "processed_at": refund.processed_at,
    }


def payment_detail(file: PaymentFile, email: str) -> dict[str, Any]:
    """A payment with all that happened to it."""
    return {
        **payment_summary(file.payment, email),
        "refunds": [refund_answer(refund) for refund in file.refunds],
        "audit_trail": [dict(row._mapping) for row in file.audit],
        "ledger_entries": [dict(row._mapping) for row in file.entries],
    }


def may_see(caller: Caller, booking: BillableBooking) -> bool:
    """Whether the booking is the caller's own, or the caller's to look after."""
    if caller.kind == "staff":
        return "view_bookings" in caller.permissions
    return caller.kind == "customer" and caller.id == booking.customer_id


def payment_status(booking: BillableBooking, payment: Payment | None, sums: Sums) -> dict[str, Any]:
    """The payment of a booking as its holder sees it."""
    purpose, settled = booking.purpose_due, payment is not None and payment.is_captured
    return {
        "booking_number": booking.booking_number,
        "booking_status": booking_status(booking, payment),
        "payment_status": payment.public_status if payment else "none",
        "amount_cents": booking.total_cents,
        "amount_dollars": dollars(booking.total_cents),
        "paid_cents": sums.captured_cents,
        "refunded_cents": sums.refunded_cents,
        "due_cents": 0 if settled and purpose == PURPOSE else booking.due.get(purpose, 0),
        "due_for": purpose,
        "failure_reason": payment.failure_reason if payment else "",
        "processed_at": payment.processed_at if payment else None,
    }


def booking_status(booking: BillableBooking, payment: Payment | None) -> str:
    """The booking's status as its customer should read it.

    A payment that succeeded for a booking that is neither cancelled nor expired makes it paid, without exception; only
    booking's own event about it may still be on its way, and a customer who has just paid must not read "pending".
    """
    settled = payment is not None and payment.status in ("succeeded", "partially_refunded")
    return "paid" if settled and booking.status in ("pending", "confirmed") else booking.status
