"""Bodies of requests and shapes of answers. Amounts are cents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator
from shared.contracts.booking_state import BookingState
from shared.http.fields import Body, Text, WholeNumber, WrittenAs, example
from shared.money import MAXIMUM_CENTS

BookingNumber = Annotated[
    str,
    StringConstraints(to_upper=True),
    WrittenAs(r"^[Tt]{2}-[0-9]{8}-[0-9]{4,9}$", "Enter a booking number such as TT-20261123-0001."),
]
ManageToken = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
IntentId = Annotated[str, WrittenAs(r"^pi_[A-Za-z0-9_]{1,200}$", "This is no id of a payment intent.")]
Cents = Annotated[WholeNumber, Field(ge=1, le=MAXIMUM_CENTS)]


class IntentRequest(BaseModel):
    """From booking: the whole booking as it is now, whose price is to be paid."""

    booking: BookingState
    purpose: Annotated[str, StringConstraints(pattern=r"^(booking|adjustment:[1-9][0-9]{0,5})$")] = "booking"


class IntentAnswer(BaseModel):
    """An intent to pay; `client_secret` lets its holder pay it and is stored nowhere."""

    payment_id: UUID
    payment_intent_id: str
    client_secret: str
    amount_cents: int
    status: str


class CreateIntent(
    Body, json_schema_extra=example({"booking_id": "01a20000-0000-7000-8000-000000000001", "amount_cents": 99500})
):
    """`booking_id`, or `booking_number` with `manage_token`. `amount_cents` must be the total due."""

    booking_id: UUID | None = None
    booking_number: BookingNumber | None = None
    manage_token: ManageToken | None = None
    amount_cents: Cents

    @model_validator(mode="after")
    def _names_a_booking(self) -> "CreateIntent":
        if self.booking_id is None and (self.booking_number is None or self.manage_token is None):
            raise ValueError("Give booking_id, or booking_number with manage_token.")
        return self


class CreatedIntent(BaseModel):
    """An intent to pay, new or still open."""

    client_secret: str
    payment_intent_id: str
    amount_cents: int


class ConfirmPayment(
    Body, json_schema_extra=example({"payment_intent_id": "pi_3Qx2Yz", "client_secret": "pi_3Qx2Yz_secret_4AbC"})
):
    """The secret is needed from everybody who is neither the booking's customer nor staff."""

    payment_intent_id: IntentId
    client_secret: Annotated[Text, StringConstraints(min_length=1, max_length=500)] | None = None


class Confirmation(BaseModel):
    """How the payment and its booking stand."""

    payment_status: str
    booking_status: str


class RefundRequest(Body, json_schema_extra=example({"amount_cents": 5000, "reason": "The crew came an hour late."})):
    """`amount_cents` null refunds all that is left."""

    amount_cents: Cents | None = None
    reason: Annotated[Text, StringConstraints(min_length=1, max_length=500)]


class PaymentStatusAnswer(BaseModel):
    """The payment of a booking for its holder; `payment_status` is `none` before the first attempt.

    `paid_cents` and `refunded_cents` are the sums of all that was paid and given back for the booking; `due_cents` is
    what is to be paid now, `due_for` the purpose: `booking` for the price, `adjustment:<n>` for a later change.
    """

    booking_number: str
    booking_status: str
    payment_status: str
    amount_cents: int
    amount_dollars: float
    paid_cents: int
    refunded_cents: int
    due_cents: int
    due_for: str
    failure_reason: str
    processed_at: datetime | None


class PaymentSummary(BaseModel):
    """A payment in a list."""

    id: UUID
    booking_id: UUID
    booking_number: str
    customer_id: UUID | None
    customer_email: str
    purpose: str
    status: str
    amount_cents: int
    amount_dollars: float
    captured_cents: int
    refunded_cents: int
    failure_reason: str
    stripe_payment_intent_id: str
    stripe_charge_id: str
    duplicate_of: UUID | None
    created_at: datetime
    processed_at: datetime | None


class PaymentPage(BaseModel):
    """A page of payments."""

    results: list[PaymentSummary]
    count: int
    next: str | None
    previous: str | None


class RefundAnswer(BaseModel):
    """A refund."""

    id: UUID
    payment_id: UUID
    booking_id: UUID
    booking_number: str
    amount_cents: int
    amount_dollars: float
    status: str
    reason: str
    requested_by: str
    failure_reason: str
    stripe_refund_id: str
    created_at: datetime
    processed_at: datetime | None


class RefundPage(BaseModel):
    """A page of refunds."""

    results: list[RefundAnswer]
    count: int
    next: str | None
    previous: str | None


class AuditEntry(BaseModel):
    """A step in a payment's life."""

    action_type: str
    description: str
    actor: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    created_at: datetime


class LedgerEntry(BaseModel):
    """One side of a booked fact; debits are positive, credits negative."""

    fact: str
    account: str
    amount_cents: int
    booked_at: datetime


class PaymentDetail(PaymentSummary):
    """A payment with all that happened to it."""

    refunds: list[RefundAnswer]
    audit_trail: list[AuditEntry]
    ledger_entries: list[LedgerEntry]


class EventReceived(BaseModel):
    """All that Stripe needs to hear."""

    received: bool


PaymentStatusFilter = Literal[
    "pending", "processing", "succeeded", "failed", "refunded", "partially_refunded", "cancelled"
]
RefundStatusFilter = Literal["pending", "succeeded", "failed"]
