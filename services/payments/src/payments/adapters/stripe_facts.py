"""Reads facts out of Stripe's objects. Nothing else of them is kept: no secret, no billing details."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from payments.domain.facts import (
    APP,
    CardFacts,
    ChargeFacts,
    DisputeFacts,
    Facts,
    IntentFacts,
    Kind,
    Movement,
    MovementFacts,
    RefundFacts,
    SetupFacts,
    kind_of,
    our_id,
)

Subject = Mapping[str, Any]


def intent_facts(intent: Subject) -> IntentFacts:
    """The facts of a PaymentIntent."""
    metadata = intent.get("metadata") or {}
    return IntentFacts(
        id=intent["id"],
        status=intent["status"],
        amount_cents=intent["amount"],
        amount_received_cents=intent.get("amount_received") or 0,
        currency=intent["currency"],
        app=metadata.get("app", ""),
        payment_id=our_id(metadata.get("payment_id")),
        booking_id=our_id(metadata.get("booking_id")),
        purpose=metadata.get("purpose") or "booking",
        charge_id=_id_of(intent.get("latest_charge")),
        failure_code=_failure_code(intent.get("last_payment_error")),
    )


def refund_facts(refund: Subject) -> RefundFacts:
    """The facts of a refund."""
    return RefundFacts(
        id=refund["id"],
        status=refund["status"],
        amount_cents=refund["amount"],
        currency=refund["currency"],
        intent_id=_id_of(refund.get("payment_intent")),
        refund_id=our_id((refund.get("metadata") or {}).get("refund_id")),
        failure_code=refund.get("failure_reason") or "",
    )


def charge_facts(charge: Subject) -> ChargeFacts:
    """The facts of a charge."""
    return ChargeFacts(charge["id"], _id_of(charge.get("payment_intent")), charge.get("amount_refunded") or 0)


def dispute_facts(dispute: Subject) -> DisputeFacts:
    """The facts of a dispute."""
    movements = tuple(
        Movement(moved["id"], moved["amount"], moved["fee"]) for moved in dispute.get("balance_transactions") or ()
    )
    return DisputeFacts(
        id=dispute["id"],
        status=dispute["status"],
        amount_cents=dispute["amount"],
        intent_id=_id_of(dispute.get("payment_intent")),
        reason=dispute.get("reason") or "",
        movements=movements,
    )


def setup_facts(setup: Subject) -> SetupFacts:
    """The facts of a SetupIntent."""
    metadata = setup.get("metadata") or {}
    return SetupFacts(
        id=setup["id"],
        status=setup["status"],
        method_id=_id_of(setup.get("payment_method")),
        customer_id=our_id(metadata.get("customer_id")) if is_ours(setup) else None,
    )


def card_facts(method: Subject) -> CardFacts:
    """The facts of a PaymentMethod; one that is no card has no last four digits."""
    card = method.get("card") or {}
    return CardFacts(
        id=method["id"],
        stripe_customer_id=_id_of(method.get("customer")),
        brand=card.get("brand") or "card",
        last_four=card.get("last4") or "",
        exp_month=card.get("exp_month") or 1,
        exp_year=card.get("exp_year") or 2000,
    )


def movement_facts(transaction: Subject) -> MovementFacts:
    """The facts of a balance transaction whose source is given whole."""
    source = transaction.get("source")
    whole: Mapping[str, Any] = source if isinstance(source, Mapping) else {}
    return MovementFacts(
        id=transaction["id"],
        category=transaction["reporting_category"],
        amount_cents=transaction["amount"],
        fee_cents=transaction["fee"],
        currency=transaction["currency"],
        made_at=datetime.fromtimestamp(transaction["created"], UTC),
        source_id=_id_of(source),
        intent_id=_id_of(whole.get("payment_intent")),
        is_ours=is_ours(whole),
    )


_READERS: dict[Kind, Callable[[Subject], Facts]] = {
    IntentFacts: intent_facts,
    RefundFacts: refund_facts,
    ChargeFacts: charge_facts,
    DisputeFacts: dispute_facts,
    SetupFacts: setup_facts,
    CardFacts: card_facts,
}


def is_ours(subject: Subject) -> bool:
    """Whether the object carries the mark that all carry which are made here."""
    return bool((subject.get("metadata") or {}).get("app") == APP)


def event_facts(event_type: str, subject: Subject) -> Facts | None:
    """The facts of a webhook's subject; null if nothing here acts on the type."""
    kind = kind_of(event_type)
    return None if kind is None else _READERS[kind](subject)


def _id_of(value: Any) -> str:
    """Stripe gives either an id or, when asked to, the whole object."""
    if isinstance(value, Mapping):
        return str(value.get("id") or "")
    return value or ""


def _failure_code(error: Any) -> str:
    return (error.get("decline_code") or error.get("code") or "unknown") if error else ""
