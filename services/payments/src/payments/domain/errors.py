"""Refusals of the payments service."""

from shared.errors import Conflict, Invalid, NotFound, Refusal, Unavailable


class AlreadyPaid(Conflict):
    """The booking's price was paid."""

    code = "already_paid"
    message = "This booking is paid already."


class BookingNotPayable(Conflict):
    """The booking is cancelled, expired or not paid in time, or costs nothing that a card could be charged."""

    code = "booking_not_payable"
    message = "This booking can't be paid."


class NoCapacity(Conflict):
    """The booking's hold has ended and its day is full by now; `nearest_dates` are free."""

    code = "no_capacity"
    message = "This day is fully booked by now. Please choose another one."


class PaymentUnavailable(Unavailable):
    """Stripe can't be asked at the moment; what was begun goes on by itself."""

    code = "payment_unavailable"
    message = "Payment is not available at the moment. Please try again."


class BookingOnItsWay(Unavailable):
    """The id is so fresh that booking's event about it may not have arrived yet; the same request works in a moment."""

    code = "booking_on_its_way"
    message = "This booking is not known here yet. Please try again in a moment."


class BookingNotFound(NotFound):
    """No such booking, or not the caller's."""

    message = "Booking not found."


class PaymentNotFound(NotFound):
    """No such payment, or not the caller's."""

    message = "Payment not found."


class NothingToRefund(Conflict):
    """All that was captured is refunded, or nothing was captured."""

    code = "nothing_to_refund"
    message = "There is nothing left to refund."


class RefundTooLarge(Invalid):
    """More than what is left of the payment; `refundable_cents` tells how much that is."""

    code = "refund_too_large"

    def __init__(self, refundable_cents: int) -> None:
        super().__init__(
            {"amount_cents": [f"At most {refundable_cents} cents are left to refund."]},
            refundable_cents=refundable_cents,
        )


class WrongSignature(Invalid):
    """The webhook was not signed by Stripe, or too long ago."""

    code = "invalid_signature"

    def __init__(self) -> None:
        super().__init__({"Stripe-Signature": ["The signature is wrong or too old."]})


class CardNotFound(NotFound):
    """No such saved card, or not the caller's."""

    message = "Card not found."


class SetupNotFound(NotFound):
    """No such SetupIntent, or not the caller's."""

    message = "This card was never begun to be saved."


class CardNotSaved(Conflict):
    """The browser has not finished saving the card; `setup_status` is Stripe's word on how far it has come."""

    code = "card_not_saved"
    message = "The card is not saved yet."


class CardDeclined(Refusal):
    """The bank declined the card; `failure_reason` says why as far as it may be told. Another card may follow."""

    code = "card_declined"
    message = "The card was declined."
    status = 402

    def __init__(self, failure_reason: str) -> None:
        super().__init__(failure_reason or self.message, failure_reason=failure_reason or self.message)


class CardNotUsable(Conflict):
    """Stripe will not try this saved card at all, such as one that its owner or the bank has withdrawn."""

    code = "card_not_usable"
    message = "This card can't be used any more. Please choose another one."


class NotParked(Conflict):
    """The payment or webhook does not wait for people."""

    code = "not_parked"
    message = "This does not wait to be resolved."


class NotRefundable(Conflict):
    """Stripe holds no money of the payment in its currency."""

    code = "not_refundable"
    message = "There is no money of this payment that could be refunded from here. Please look at it at Stripe."


class WebhookNotFound(NotFound):
    """No such stored webhook."""

    message = "Webhook not found."


class NothingToInvoice(Conflict):
    """Only bookings that stand are invoiced: confirmed or paid ones."""

    code = "nothing_to_invoice"
    message = "This booking can't be invoiced."


class NotCapturedYet(Conflict):
    """A refund was told of before the success that it gives back; it is taken in once that is known."""

    code = "not_captured_yet"
    message = "The payment of this refund is not known to have succeeded yet."
