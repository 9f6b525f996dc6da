"""One refund's life, and how much may be refunded."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from payments.domain.errors import NothingToRefund, RefundTooLarge
from payments.domain.facts import RefundFacts
from payments.domain.payment import Payment

RefundStatus = Literal["pending", "succeeded", "failed"]
REFUND_STATUSES: tuple[RefundStatus, ...] = ("pending", "succeeded", "failed")


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back; `amount_cents` of its payment. `request_id` is booking's name for one wish.

    `attempt_at` is when the present attempt's key came into use; null for the first one, as old as the refund.
    `tax_cents` is the sales tax that goes back with it, fixed when it succeeded.
    """

    id: UUID
    version: int
    payment_id: UUID
    booking_id: UUID
    booking_number: str
    amount_cents: int
    status: RefundStatus
    reason: str
    requested_by: str
    attempt: int
    created_at: datetime
    request_id: UUID | None = None
    stripe_refund_id: str | None = None
    failure_reason: str = ""
    processed_at: datetime | None = None
    attempt_at: datetime | None = None
    tax_cents: int | None = None


def amount_to_refund(payment: Payment, promised_cents: int, wanted_cents: int | None) -> int:
    """The cents of a new refund, `wanted_cents` or (null) all that is left.

    `promised_cents` is the sum of the payment's pending and succeeded refunds; together with the new one they never
    exceed what was captured. Raises `NothingToRefund` or `RefundTooLarge`.
    """
    left = payment.captured_cents - promised_cents
    if left <= 0:
        raise NothingToRefund()
    if wanted_cents is not None and wanted_cents > left:
        raise RefundTooLarge(left)
    return left if wanted_cents is None else wanted_cents


def advance_refund(refund: Refund, facts: RefundFacts, now: datetime) -> Refund | None:
    """The refund after what Stripe told; null when it is nothing new. A failure may follow a success."""
    if refund.status == "failed":
        return None
    if facts.status in ("failed", "canceled"):
        return _ended(refund, facts, "failed", now)
    if facts.status == "succeeded" and refund.status == "pending":
        return _ended(refund, facts, "succeeded", now)
    if refund.stripe_refund_id is None:
        return replace(refund, stripe_refund_id=facts.id)
    return None


def _ended(refund: Refund, facts: RefundFacts, status: RefundStatus, now: datetime) -> Refund:
    reason = refund_failure_sentence(facts.failure_code) if status == "failed" else ""
    return replace(
        refund,
        version=refund.version + 1,
        status=status,
        stripe_refund_id=facts.id,
        failure_reason=reason,
        processed_at=now,
    )


def refuse_refund(refund: Refund, code: str, now: datetime) -> Refund:
    """Stripe refused to refund at all."""
    reason = refund_failure_sentence(code)
    return replace(refund, version=refund.version + 1, status="failed", failure_reason=reason, processed_at=now)


_SENTENCES = {
    "charge_disputed": "The customer's bank has taken the payment back.",
    "charge_already_refunded": "The payment was refunded before.",
    "lost_or_stolen_card": "The card was reported lost or stolen.",
    "expired_or_canceled_card": "The card has expired or was cancelled.",
    "insufficient_funds": "Our balance at the processor is too small.",
    "invalid_request": (
        "The processor did not take it. Refunds made there may have left less of the payment: look at it again and "
        "refund what is left."
    ),
}


def refund_failure_sentence(code: str) -> str:
    """Why a refund failed, for staff."""
    return _SENTENCES.get(code, "The bank could not take the refund.")


def refund_key(refund_id: UUID, attempt: int) -> str:
    """The idempotency key of the refund at Stripe; a further attempt only follows a proof that the first was void."""
    return f"refund:{refund_id}" if attempt == 1 else f"refund:{refund_id}:{attempt}"
