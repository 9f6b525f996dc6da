"""One payment's life. Only facts that Stripe told move it, and nothing undoes a success."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from payments.domain.declines import decline_sentence
from payments.domain.facts import IntentFacts

Status = Literal[
    "creating", "requires_payment", "processing", "succeeded", "partially_refunded", "refunded", "failed", "cancelled"
]
STATUSES: tuple[Status, ...] = (
    "creating", "requires_payment", "processing", "succeeded", "partially_refunded", "refunded", "failed", "cancelled"
)  # fmt: skip
OPEN: tuple[Status, ...] = ("creating", "requires_payment", "processing")
CAPTURED: tuple[Status, ...] = ("succeeded", "partially_refunded", "refunded")

Happened = Literal["created", "processing", "waiting", "succeeded", "failed", "cancelled"]
"""What a change means to others; each is told to them."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment for one booking and purpose; amounts in cents.

    `refunded_cents` counts succeeded refunds. `duplicate_of` names the payment that this one doubles: money that came
    in on an intent that nobody should have paid, and that goes back in full. `dismissed_at` says that people have
    settled it at Stripe by themselves: whatever Stripe still tells of its intent is nothing for us. `tax_cents` is the
    sales tax in it, fixed when its money came in.
    """

    id: UUID
    version: int
    booking_id: UUID
    booking_number: str
    customer_id: UUID | None
    purpose: str
    amount_cents: int
    currency: str
    status: Status
    attempt: int
    created_at: datetime
    failure_reason: str = ""
    captured_cents: int = 0
    refunded_cents: int = 0
    intent_id: str | None = None
    charge_id: str = ""
    duplicate_of: UUID | None = None
    processed_at: datetime | None = None
    parked_at: datetime | None = None
    dismissed_at: datetime | None = None
    tax_cents: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid."""
        return self.status in OPEN

    @property
    def is_captured(self) -> bool:
        """Whether its money came in, refunded or not."""
        return self.status in CAPTURED

    @property
    def is_for_people(self) -> bool:
        """Whether nothing that Stripe tells moves it, since people have to look at it or have settled it."""
        return self.parked_at is not None or self.dismissed_at is not None

    @property
    def public_status(self) -> str:
        """The status as customers and other services know it."""
        return "pending" if self.status in ("creating", "requires_payment") else self.status


@dataclass(frozen=True, slots=True)
class Change:
    """The payment after a change, and what happened."""

    payment: Payment
    what: Happened


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Stripe's success is not the one that we asked for; people must look at it."""

    reason: str


def advance(payment: Payment, facts: IntentFacts, now: datetime) -> Change | Mismatch | None:
    """What `facts` about the payment's intent change; null when they tell nothing new.

    A success counts from every state without captured money, even from a final one: the money is there.
    """
    if payment.is_captured or payment.is_for_people:
        return None
    if facts.status == "succeeded":
        return _succeed(payment, facts, now)
    if not payment.is_open:
        return None
    if facts.status == "canceled":
        return _moved(payment, facts, "cancelled", "cancelled", now)
    if facts.status == "processing":
        known = payment.status == "processing"
        return None if known else _moved(payment, facts, "processing", "processing", None)
    return _wait_for_card(payment, facts)


def _succeed(payment: Payment, facts: IntentFacts, now: datetime) -> Change | Mismatch:
    if problem := _problem_with(payment, facts):
        return Mismatch(problem)
    after = replace(payment, captured_cents=facts.amount_received_cents, failure_reason="")
    return _moved(after, facts, "succeeded", "succeeded", now)


def _problem_with(payment: Payment, facts: IntentFacts) -> str:
    if facts.amount_received_cents != payment.amount_cents:
        return f"{facts.amount_received_cents} cents were received and {payment.amount_cents} were asked for"
    if facts.currency != payment.currency:
        return f"it was paid in {facts.currency} and not in {payment.currency}"
    if facts.booking_id != payment.booking_id:
        return "it names another booking"
    return ""


def _moved(payment: Payment, facts: IntentFacts, status: Status, what: Happened, done_at: datetime | None) -> Change:
    after = replace(
        payment,
        version=payment.version + 1,
        status=status,
        intent_id=facts.id,
        charge_id=facts.charge_id or payment.charge_id,
        processed_at=done_at,
    )
    return Change(after, what)


def _wait_for_card(payment: Payment, facts: IntentFacts) -> Change | None:
    if facts.failure_code and _is_new_decline(payment, facts):
        declined = replace(payment, failure_reason=decline_sentence(facts.failure_code))
        return _moved(declined, facts, "requires_payment", "failed", None)
    if payment.status == "creating":
        return _moved(payment, facts, "requires_payment", "created", None)
    if payment.status == "processing":
        return _moved(payment, facts, "requires_payment", "waiting", None)
    return None


def _is_new_decline(payment: Payment, facts: IntentFacts) -> bool:
    """Each attempt with a card is a charge of its own at Stripe; a challenge that failed has none."""
    same = decline_sentence(facts.failure_code) == payment.failure_reason
    return not (same and facts.charge_id == payment.charge_id) or payment.status == "processing"


def refuse(payment: Payment, reason: str, now: datetime) -> Change:
    """Stripe refused to make the intent at all: the payment has failed for good."""
    after = replace(payment, version=payment.version + 1, status="failed", failure_reason=reason, processed_at=now)
    return Change(after, "failed")


def refunded(payment: Payment, refunded_cents: int) -> Payment:
    """The payment when `refunded_cents` of it have gone back in all, by succeeded refunds."""
    status: Status = "succeeded"
    if refunded_cents:
        status = "refunded" if refunded_cents >= payment.captured_cents else "partially_refunded"
    return replace(payment, version=payment.version + 1, refunded_cents=refunded_cents, status=status)


def idempotency_key(payment_id: UUID, attempt: int) -> str:
    """The key of the intent's creation. A further attempt has its own, once the first has proven to be void."""
    return f"pi:{payment_id}" if attempt == 1 else f"pi:{payment_id}:{attempt}"
