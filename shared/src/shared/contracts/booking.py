"""Events of bookings. Each carries the whole booking, so that a copy is one upsert guarded by the version."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Event, Personal
from shared.contracts.booking_state import AddressToSave, BookingState, Redemption


class BookingEvent(Event):
    """A fact about one booking."""

    aggregate: ClassVar[str] = "booking"

    booking: BookingState

    @property
    def aggregate_id(self) -> UUID:
        return self.booking.id


class BookingCreated(BookingEvent):
    """A booking was accepted; it waits for its payment. Without `notify` the office tells the customer itself."""

    type: ClassVar[str] = "booking.created.v1"

    addresses_to_save: tuple[AddressToSave, ...] = ()
    created_by: Literal["customer", "guest", "staff"] = "customer"
    notify: bool = True


class BookingConfirmed(BookingEvent):
    """Staff confirmed a booking that is paid otherwise, by invoice or on the day."""

    type: ClassVar[str] = "booking.confirmed.v1"


class BookingPaid(BookingEvent):
    """The booking's price was paid. `overbooked`: its place was given away meanwhile and is honoured all the same."""

    type: ClassVar[str] = "booking.paid.v1"

    payment_id: UUID | None = None
    paid_cents: int
    overbooked: bool = False


class BookingOnTheWay(BookingEvent):
    """The crew is on its way to the pickup."""

    type: ClassVar[str] = "booking.on_the_way.v1"


class BookingStarted(BookingEvent):
    """The crew picked up; the move is in progress."""

    type: ClassVar[str] = "booking.started.v1"


class BookingCompleted(BookingEvent):
    """Everything was delivered."""

    type: ClassVar[str] = "booking.completed.v1"


class BookingCancelled(BookingEvent):
    """The booking was cancelled. `refund_cents` is what goes back: the policy's `refund_percent` of what was paid, as
    far as it has not gone back before, and with it what a change was to give back and did not. `kept_cents` is what
    the company keeps of the price. Both the percentage and that are null in events that were told before they were.
    """

    type: ClassVar[str] = "booking.cancelled.v1"

    reason: Personal = ""
    cancelled_by: Literal["customer", "staff", "system"] = "customer"
    refund_cents: int = 0
    refund_percent: int | None = None
    kept_cents: int | None = None


class BookingExpired(BookingEvent):
    """The booking was not paid in time and holds nothing any more."""

    type: ClassVar[str] = "booking.expired.v1"


class BookingRescheduled(BookingEvent):
    """The booking moved to another day or window.

    `difference_cents` is the new total without the old, `fee_cents` of it the fee of a late change; a difference that
    is owed is an open adjustment of the booking if it was paid before. `refund_cents` go back, which may be less than a
    difference in the customer's favour: what was never paid does not. It is null in events that were told before it was
    known.
    """

    type: ClassVar[str] = "booking.rescheduled.v1"

    previous_pickup_date: date
    previous_window_start: datetime
    previous_window_end: datetime
    difference_cents: int = 0
    fee_cents: int = 0
    refund_cents: int | None = None
    rescheduled_by: Literal["customer", "guest", "staff"] = "customer"


class BookingAssigned(BookingEvent):
    """A crew or van was put on the booking, or taken off it; `booking.assignment` tells which."""

    type: ClassVar[str] = "booking.assigned.v1"


class BookingRated(BookingEvent):
    """The customer rated a completed move, from 1 to 5."""

    type: ClassVar[str] = "booking.rated.v1"

    rating: int


class BookingUpdated(BookingEvent):
    """Something about the booking changed that has no event of its own."""

    type: ClassVar[str] = "booking.updated.v1"


class PaymentLinkRequested(BookingEvent):
    """Staff want the customer to get the link to pay once more; each `request_id` is one message."""

    type: ClassVar[str] = "booking.payment_link_requested.v1"

    request_id: UUID


class RefundRequested(BookingEvent):
    """Booking wants money back for this booking; payments carries it out once per `request_id`.

    `amount_cents` null means all that was captured and is not refunded yet.
    """

    type: ClassVar[str] = "booking.refund_requested.v1"

    request_id: UUID
    payment_id: UUID
    amount_cents: int | None
    reason: Personal


class RedemptionEvent(Event):
    """A fact about one use of a discount code."""

    aggregate: ClassVar[str] = "redemption"

    redemption: Redemption

    @property
    def aggregate_id(self) -> UUID:
        return self.redemption.id


class DiscountRedeemed(RedemptionEvent):
    """A booking uses the code, or the code takes another amount off since the booking was moved."""

    type: ClassVar[str] = "discount.redeemed.v1"


class DiscountReleased(RedemptionEvent):
    """The booking was cancelled or expired; the use is free again."""

    type: ClassVar[str] = "discount.released.v1"


class AlertRaised(Event):
    """Staff must look at something. `key` makes one alert of repeated causes; `severity` orders them."""

    type: ClassVar[str] = "alert.raised.v1"
    aggregate: ClassVar[str] = "alert"

    alert_id: UUID
    key: str
    severity: Literal["warning", "critical"] = "warning"
    message: str
    booking_id: UUID | None = None

    @property
    def aggregate_id(self) -> UUID:
        return self.alert_id


class AlertCleared(Event):
    """What an alert told of is over, or somebody took care of it; `key` names the alert."""

    type: ClassVar[str] = "alert.cleared.v1"
    aggregate: ClassVar[str] = "alert"

    alert_id: UUID
    key: str

    @property
    def aggregate_id(self) -> UUID:
        return self.alert_id
