"""Charges: what a confirmed intent makes of a card, and how to read it."""

from . import money_shapes
from .balance import record_charge
from .cards import Decline
from .errors import Json
from .listing import listed
from .work import Call, Work, new_id


def capture(work: Work, intent: Json, method: Json, *, authenticated: bool, disputed: bool) -> Json:
    """Take the whole amount; returns the paid charge with its balance transaction."""
    charge = _new(work, intent, method)
    charge["payment_method_details"]["card"]["three_d_secure"] = _three_d_secure() if authenticated else None
    charge["payment_method_details"]["card"]["authorization_code"] = "123456"
    charge |= {
        "amount_captured": charge["amount"],
        "captured": True,
        "outcome": _outcome("authorized", "approved_by_network", None, "Payment complete."),
        "paid": True,
        "status": "succeeded",
    }
    work.add(charge)
    transaction = record_charge(work, charge)
    if intent["capture_method"] == "automatic_async":
        # Stripe's own default: the event of the charge comes first, its balance transaction after it.
        work.emit("charge.succeeded", charge)
        work.emit("charge.updated", charge, work.change(charge, balance_transaction=transaction["id"]))
    else:
        work.change(charge, balance_transaction=transaction["id"])
        work.emit("charge.succeeded", charge)
    if disputed:
        work.later("dispute", charge["id"])
    return charge


def decline(work: Work, intent: Json, method: Json, why: Decline) -> Json:
    """Leave the failed charge that a bank's refusal leaves."""
    charge = _new(work, intent, method) | {
        "failure_code": why.code,
        "failure_message": why.message,
        "outcome": _outcome("issuer_declined", "declined_by_network", why.reason, "The bank did not approve it."),
        "status": "failed",
    }
    work.add(charge)
    work.emit("charge.failed", charge)
    return charge


def _new(work: Work, intent: Json, method: Json) -> Json:
    return money_shapes.charge(new_id("ch"), work.created, intent, method)


def _three_d_secure() -> Json:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def _outcome(kind: str, network: str, reason: str | None, message: str) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": message,
        "type": kind,
    }


def retrieve(call: Call) -> Json:
    return call.work.get("charge", call.id)


def list_all(call: Call) -> Json:
    call.params.only({"payment_intent", "customer", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "charge", fields=("payment_intent", "customer"))


def update(call: Call) -> Json:
    call.params.only({"description", "metadata", "receipt_email"})
    charge = call.work.get("charge", call.id)
    fields = {name: call.params.text(name) for name in ("description", "receipt_email") if name in call.params}
    previous = call.work.change(charge, metadata=call.params.metadata(charge["metadata"]), **fields)
    if previous:
        call.work.emit("charge.updated", charge, previous)
    return charge
