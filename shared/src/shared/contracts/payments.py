"""Events of payments and refunds."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Contract, Event, Personal

PaymentStatus = Literal["pending", "processing", "succeeded", "failed", "refunded", "partially_refunded", "cancelled"]
RefundStatus = Literal["pending", "succeeded", "failed"]


class PaymentState(Contract):
    """A payment at one version; amounts in cents. `refunded_cents` counts succeeded refunds only."""

    id: UUID
    version: int
    booking_id: UUID
    booking_number: str
    customer_id: UUID | None
    purpose: str
    amount_cents: int
    currency: str = "usd"
    status: PaymentStatus
    failure_reason: str = ""
    captured_cents: int = 0
    refunded_cents: int = 0
    stripe_payment_intent_id: str = ""
    stripe_charge_id: str = ""
    created_at: datetime
    processed_at: datetime | None = None


class PaymentEvent(Event):
    """A fact about one payment."""

    aggregate: ClassVar[str] = "payment"

    payment: PaymentState

    @property
    def aggregate_id(self) -> UUID:
        return self.payment.id


class PaymentCreated(PaymentEvent):
    """An intent to pay for a booking exists at Stripe."""

    type: ClassVar[str] = "payment.created.v1"


class PaymentProcessing(PaymentEvent):
    """Stripe is working on the payment; the booking must not expire meanwhile."""

    type: ClassVar[str] = "payment.processing.v1"


class PaymentSucceeded(PaymentEvent):
    """The money was captured."""

    type: ClassVar[str] = "payment.succeeded.v1"


class PaymentFailed(PaymentEvent):
    """A card was declined, or the payment failed for good (`payment.status` tells which)."""

    type: ClassVar[str] = "payment.failed.v1"


class PaymentCancelled(PaymentEvent):
    """The intent was cancelled at Stripe; nothing can be paid on it any more."""

    type: ClassVar[str] = "payment.cancelled.v1"


class RefundState(Contract):
    """A refund at one version; `amount_cents` of its payment go back."""

    id: UUID
    version: int
    payment_id: UUID
    booking_id: UUID
    booking_number: str
    amount_cents: int
    status: RefundStatus
    reason: Personal
    requested_by: str
    request_id: UUID | None = None
    stripe_refund_id: str = ""
    failure_reason: str = ""
    created_at: datetime
    processed_at: datetime | None = None


class RefundEvent(Event):
    """A fact about one refund, with its payment as it is after it."""

    aggregate: ClassVar[str] = "refund"

    refund: RefundState
    payment: PaymentState

    @property
    def aggregate_id(self) -> UUID:
        return self.refund.id


class RefundCreated(RefundEvent):
    """A refund was decided; Stripe will be asked for it."""

    type: ClassVar[str] = "refund.created.v1"


class RefundSucceeded(RefundEvent):
    """The money is on its way back."""

    type: ClassVar[str] = "refund.succeeded.v1"


class RefundFailed(RefundEvent):
    """Stripe could not refund; the amount is free to be refunded otherwise and staff must act."""

    type: ClassVar[str] = "refund.failed.v1"


class DisputeState(Contract):
    """A dispute of a charge at one version; `amount_cents` are taken back by the bank until it is won."""

    id: UUID
    version: int
    payment_id: UUID
    booking_id: UUID
    booking_number: str
    amount_cents: int
    status: Literal["open", "won", "lost"]
    reason: str = ""
    opened_at: datetime
    closed_at: datetime | None = None


class DisputeEvent(Event):
    """A fact about one dispute."""

    aggregate: ClassVar[str] = "dispute"

    dispute: DisputeState

    @property
    def aggregate_id(self) -> UUID:
        return self.dispute.id


class DisputeOpened(DisputeEvent):
    """A cardholder's bank took the money back for now; staff must answer in time."""

    type: ClassVar[str] = "dispute.opened.v1"


class DisputeClosed(DisputeEvent):
    """The bank decided; `status` tells for whom."""

    type: ClassVar[str] = "dispute.closed.v1"


class ReceiptIssued(Event):
    """A numbered document about a payment or a refund exists; its PDF lies in the document store at `storage_key`."""

    type: ClassVar[str] = "receipt.issued.v1"
    aggregate: ClassVar[str] = "receipt"

    receipt_id: UUID
    number: str
    kind: Literal["receipt", "invoice", "credit_note", "credit_note_reversal"]
    booking_id: UUID
    payment_id: UUID
    refund_id: UUID | None = None
    amount_cents: int
    storage_key: str
    issued_at: datetime

    @property
    def aggregate_id(self) -> UUID:
        return self.receipt_id
