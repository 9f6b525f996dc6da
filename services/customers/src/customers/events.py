"""Which event becomes which command here."""

from collections.abc import Callable
from typing import Any

from shared.contracts import booking
from shared.contracts.base import Event
from shared.contracts.customers import AccessChanged, AuditRecorded, ErasureReported
from shared.contracts.notifications import Unsubscribed
from shared.contracts.payments import PaymentSucceeded, RefundFailed, RefundSucceeded

from customers.commands.keep_audit_entry import KeepAuditEntry
from customers.commands.keep_booking import KeepBooking, PaidBy
from customers.commands.keep_created_booking import KeepCreatedBooking
from customers.commands.keep_erasure_report import KeepErasureReport
from customers.commands.keep_payment import KeepPayment
from customers.commands.keep_refund import KeepRefund
from customers.commands.request_session_ending import RequestSessionEnding
from customers.commands.unsubscribe import Unsubscribe


def _keep(event: booking.BookingEvent) -> KeepBooking:
    return KeepBooking(event.booking)


def _keep_created(event: booking.BookingCreated) -> KeepCreatedBooking:
    return KeepCreatedBooking(event.booking, event.addresses_to_save)


def _keep_paid(event: booking.BookingPaid) -> KeepBooking:
    return KeepBooking(event.booking, PaidBy(event.payment_id, event.paid_cents, event.booking.paid_at))


def _keep_refund(event: RefundSucceeded | RefundFailed) -> KeepRefund:
    return KeepRefund(event.refund, event.payment)


def _keep_payment(event: PaymentSucceeded) -> KeepPayment:
    return KeepPayment.of(event.payment)


def _end_sessions(event: AccessChanged) -> RequestSessionEnding:
    return RequestSessionEnding(event.account_id, event.access_version, event.reason)


def _unsubscribe(event: Unsubscribed) -> Unsubscribe:
    return Unsubscribe(event.customer_id, event.channel)


EVENT_HANDLERS: dict[type[Event], Callable[[Any], Any]] = {
    booking.BookingCreated: _keep_created,
    booking.BookingConfirmed: _keep,
    booking.BookingPaid: _keep_paid,
    booking.BookingStarted: _keep,
    booking.BookingCompleted: _keep,
    booking.BookingCancelled: _keep,
    booking.BookingExpired: _keep,
    booking.BookingUpdated: _keep,
    booking.BookingRescheduled: _keep,
    PaymentSucceeded: _keep_payment,
    RefundSucceeded: _keep_refund,
    RefundFailed: _keep_refund,
    AccessChanged: _end_sessions,
    AuditRecorded: KeepAuditEntry,
    ErasureReported: KeepErasureReport,
    Unsubscribed: _unsubscribe,
}
