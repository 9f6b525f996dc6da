"""What each event means here."""

from typing import Any

from shared.contracts.booking import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingCreated,
    BookingEvent,
    BookingExpired,
    BookingPaid,
    BookingStarted,
    BookingUpdated,
)
from shared.contracts.customers import CustomerEvent, CustomerRegistered, CustomerUpdated
from shared.contracts.payments import PaymentFailed, RefundSucceeded
from shared.messaging.consumer import EventHandlers

from notifications.commands.keep_booking import KeepBooking
from notifications.commands.keep_customer import KeepCustomer
from notifications.commands.write_message import WriteMessage
from notifications.domain.kinds import Kind


def _about_booking(event: BookingEvent, kind: Kind, **facts: Any) -> KeepBooking:
    booking = event.booking
    message = WriteMessage(
        kind, str(booking.id), booking.id, booking.customer_id, recipient=booking.contact.email, facts=facts
    )
    return KeepBooking(booking, message)


def _keep(event: BookingEvent) -> KeepBooking:
    return KeepBooking(event.booking)


def _received(event: BookingCreated) -> KeepBooking:
    return _about_booking(event, Kind.BOOKING_RECEIVED)


def _paid(event: BookingPaid) -> KeepBooking:
    return _about_booking(event, Kind.PAYMENT_RECEIVED, paid_cents=event.paid_cents)


def _cancelled(event: BookingCancelled) -> KeepBooking:
    return _about_booking(
        event, Kind.BOOKING_CANCELLED, refund_cents=event.refund_cents, cancelled_by=event.cancelled_by
    )


def _expired(event: BookingExpired) -> KeepBooking:
    return _about_booking(event, Kind.BOOKING_EXPIRED)


def _payment_failed(event: PaymentFailed) -> WriteMessage:
    """One message however many cards are declined: the customer saw each refusal when trying."""
    payment = event.payment
    return WriteMessage(
        Kind.PAYMENT_FAILED,
        f"{payment.id}:{payment.status}",
        payment.booking_id,
        payment.customer_id,
        facts={"amount_cents": payment.amount_cents},
    )


def _refunded(event: RefundSucceeded) -> WriteMessage:
    refund = event.refund
    return WriteMessage(
        Kind.REFUND_DONE,
        str(refund.id),
        refund.booking_id,
        event.payment.customer_id,
        facts={"amount_cents": refund.amount_cents},
    )


def _registered(event: CustomerRegistered) -> KeepCustomer:
    customer = event.customer
    welcome = WriteMessage(Kind.WELCOME, str(customer.id), customer_id=customer.id, recipient=customer.email)
    return KeepCustomer(customer, welcome)


def _customer_changed(event: CustomerEvent) -> KeepCustomer:
    return KeepCustomer(event.customer)


EVENT_HANDLERS: EventHandlers = {
    BookingCreated: _received,
    BookingConfirmed: _keep,
    BookingPaid: _paid,
    BookingStarted: _keep,
    BookingCompleted: _keep,
    BookingCancelled: _cancelled,
    BookingExpired: _expired,
    BookingUpdated: _keep,
    PaymentFailed: _payment_failed,
    RefundSucceeded: _refunded,
    CustomerRegistered: _registered,
    CustomerUpdated: _customer_changed,
}
"""Contract → the command that it becomes."""
