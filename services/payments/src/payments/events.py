"""What other services' events mean to payments."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.base import Event
from shared.contracts.booking import BookingCancelled, BookingEvent, BookingRescheduled, RefundRequested
from shared.contracts.customers import CustomerErased
from shared.contracts.subscribers import BOOKING_CHANGES

from payments.commands.erase_customer import EraseCustomer
from payments.commands.record_booking import RecordBooking, billable
from payments.commands.request_refund import CarryOutRefund


def _record(event: BookingEvent) -> RecordBooking:
    return RecordBooking(billable(event.booking))


def _record_cancelled(event: BookingCancelled) -> RecordBooking:
    """What was paid before the cancellation goes back by the policy; what comes in after it goes back in full.

    What a change of the booking had yet to be paid for is not kept, because it never came.
    """
    return RecordBooking(billable(event.booking, _kept(event) if event.kept_cents is None else event.kept_cents))


def _kept(event: BookingCancelled) -> int:
    """What older events, which do not say it, leave to the company."""
    booking = event.booking
    paid = min(booking.total_cents, booking.paid_cents or booking.total_cents)
    return max(0, paid - event.refund_cents) if booking.paid_at else 0


def _refund(event: RefundRequested) -> CarryOutRefund:
    return CarryOutRefund(event.request_id, event.payment_id, event.amount_cents, event.reason)


EVENT_HANDLERS: Mapping[type[Event], Callable[[Any], Any]] = {
    **dict.fromkeys(BOOKING_CHANGES, _record),
    BookingRescheduled: _record,
    BookingCancelled: _record_cancelled,
    RefundRequested: _refund,
    CustomerErased: EraseCustomer,
}
