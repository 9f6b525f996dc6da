"""What the events of bookings mean here."""

from typing import Any

from shared.contracts.booking import (
    BookingAssigned,
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingCreated,
    BookingEvent,
    BookingExpired,
    BookingOnTheWay,
    BookingPaid,
    BookingRated,
    BookingRescheduled,
    BookingStarted,
    BookingUpdated,
    PaymentLinkRequested,
)
from shared.contracts.booking_state import Adjustment, BookingState
from shared.messaging.consumer import EventHandlers

from notifications.commands.confirm_payment import ConfirmPayment
from notifications.commands.keep_booking import KeepBooking
from notifications.commands.write_message import WriteMessage
from notifications.domain.kinds import Kind
from notifications.domain.truth import UPCOMING, open_adjustment


def _message(booking: BookingState, kind: Kind, cause: str = "", **facts: Any) -> WriteMessage:
    """`cause` is what makes it another message about the same booking."""
    return WriteMessage(
        kind,
        f"{booking.id}{cause}",
        booking.id,
        booking.customer_id,
        recipient=booking.contact.email,
        facts=facts,
        since=booking.created_at,
    )


def _keep(event: BookingEvent) -> KeepBooking:
    return KeepBooking(event.booking)


def _received(event: BookingCreated) -> KeepBooking:
    """Unless the office has told the customer itself."""
    return KeepBooking(event.booking, [_message(event.booking, Kind.BOOKING_RECEIVED)] if event.notify else [])


def _link_wanted(event: PaymentLinkRequested) -> KeepBooking:
    """What has the link to pay, once more: for what a change costs, or else the message of the beginning."""
    booking, cause = event.booking, f":{event.request_id}"
    due = open_adjustment(booking)
    again = _message(booking, Kind.BOOKING_RECEIVED, cause) if due is None else _asking_for(due, booking, cause)
    return KeepBooking(booking, [again])


def _paid(event: BookingPaid) -> ConfirmPayment:
    """The office is told as well."""
    booking, cents = event.booking, event.paid_cents
    confirmation = _message(booking, Kind.PAYMENT_RECEIVED, paid_cents=cents)
    office = WriteMessage(
        Kind.STAFF_NEW_BOOKING,
        str(booking.id),
        booking.id,
        facts={"paid_cents": cents, "overbooked": event.overbooked},
    )
    return ConfirmPayment(booking, event.payment_id, confirmation, office)


def _on_the_way(event: BookingOnTheWay) -> KeepBooking:
    cause = f":{event.booking.window_start.isoformat()}"
    return KeepBooking(event.booking, [_message(event.booking, Kind.ON_THE_WAY, cause)])


def _completed(event: BookingCompleted) -> KeepBooking:
    return KeepBooking(event.booking, [_message(event.booking, Kind.COMPLETED)])


def _rescheduled(event: BookingRescheduled) -> KeepBooking:
    told = _message(
        event.booking,
        Kind.RESCHEDULED,
        f":{event.booking.version}",
        previous_pickup_date=event.previous_pickup_date.isoformat(),
        previous_window_start=event.previous_window_start.isoformat(),
        difference_cents=event.difference_cents,
        fee_cents=event.fee_cents,
        refund_cents=event.refund_cents or 0,
    )
    return KeepBooking(event.booking, [told, *_due(event.booking)])


def _updated(event: BookingUpdated) -> KeepBooking:
    return KeepBooking(event.booking, _due(event.booking))


def _due(booking: BookingState) -> list[WriteMessage]:
    """The request to pay what a change costs, once for each change."""
    due = open_adjustment(booking)
    return [] if due is None or booking.status not in UPCOMING else [_asking_for(due, booking)]


def _asking_for(due: Adjustment, booking: BookingState, cause: str = "") -> WriteMessage:
    facts = {"number": due.number, "amount_cents": due.amount_cents}
    return _message(booking, Kind.ADJUSTMENT_DUE, f":{due.purpose}{cause}", **facts)


def _cancelled(event: BookingCancelled) -> KeepBooking:
    told = _message(
        event.booking,
        Kind.BOOKING_CANCELLED,
        refund_cents=event.refund_cents,
        refund_percent=event.refund_percent or 0,
        cancelled_by=event.cancelled_by,
    )
    return KeepBooking(event.booking, [told])


def _expired(event: BookingExpired) -> KeepBooking:
    return KeepBooking(event.booking, [_message(event.booking, Kind.BOOKING_EXPIRED)])


BOOKING_HANDLERS: EventHandlers = {
    BookingCreated: _received,
    BookingConfirmed: _keep,
    BookingPaid: _paid,
    BookingOnTheWay: _on_the_way,
    BookingStarted: _keep,
    BookingCompleted: _completed,
    BookingCancelled: _cancelled,
    BookingExpired: _expired,
    BookingRescheduled: _rescheduled,
    BookingAssigned: _keep,
    BookingRated: _keep,
    BookingUpdated: _updated,
    PaymentLinkRequested: _link_wanted,
}
