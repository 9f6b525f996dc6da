"""Reads facts out of Stripe's objects. Nothing else of them is kept: no secret, no billing details."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from payments.domain.facts import DisputeFacts, Facts, IntentFacts, RefundFacts, kind_of


def intent_facts(intent: Mapping[str, Any]) -> IntentFacts:
    """The facts of a PaymentIntent."""
    metadata = intent.get("metadata") or {}
    return IntentFacts(
        id=intent["id"],
        status=intent["status"],
        amount_cents=intent["amount"],
        amount_received_cents=intent.get("amount_received") or 0,
        currency=intent["currency"],
        app=metadata.get("app", ""),
        payment_id=_our_id(metadata.get("payment_id")),
        booking_id=_our_id(metadata.get("booking_id")),
        charge_id=_id_of(intent.get("latest_charge")),
        failure_code=_failure_code(intent.get("last_payment_error")),
    )


def refund_facts(refund: Mapping[str, Any]) -> RefundFacts:
    """The facts of a refund."""
    return RefundFacts(
        id=refund["id"],
        status=refund["status"],
        amount_cents=refund["amount"],
        currency=refund["currency"],
        intent_id=_id_of(refund.get("payment_intent")),
        refund_id=_our_id((refund.get("metadata") or {}).get("refund_id")),
        failure_code=refund.get("failure_reason") or "",
    )


def dispute_facts(dispute: Mapping[str, Any]) -> DisputeFacts:
    """The facts of a dispute."""
    return DisputeFacts(
        id=dispute["id"],
        status=dispute["status"],
        amount_cents=dispute["amount"],
        intent_id=_id_of(dispute.get("payment_intent")),
        reason=dispute.get("reason") or "",
    )


def event_facts(event_type: str, subject: Mapping[str, Any]) -> Facts | None:
    """The facts of a webhook's subject; null if nothing here acts on the type."""
    kind = kind_of(event_type)
    if kind is IntentFacts:
        return intent_facts(subject)
    if kind is RefundFacts:
        return refund_facts(subject)
    return dispute_facts(subject) if kind is DisputeFacts else None


def _our_id(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def _id_of(value: Any) -> str:
    """Stripe gives either an id or, when asked to, the whole object."""
    if isinstance(value, Mapping):
        return str(value.get("id") or "")
    return value or ""


def _failure_code(error: Any) -> str:
    return (error.get("decline_code") or error.get("code") or "unknown") if error else ""
