"""Refunds: whole or partial, checked against what is left of the charge."""

from . import balance, money_shapes
from .errors import Json, bad_parameter, refused
from .listing import listed
from .payment_methods import card_of
from .work import Call, Work, new_id

_REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def create(call: Call) -> Json:
    params, work = call.params, call.work
    params.only({"payment_intent", "charge", "amount", "reason", "metadata"})
    reason, metadata, amount = params.choice("reason", _REASONS), params.metadata({}), params.integer("amount")
    if amount is not None and amount < 1:
        raise bad_parameter("Invalid positive integer", "amount", "parameter_invalid_integer")
    charge = _charge_of(call)
    refund = money_shapes.refund(new_id("re"), work.created, charge, _refundable(charge, amount))
    card = card_of(work, work.get("payment_method", charge["payment_method"]))
    refund |= {"metadata": metadata, "reason": reason, "status": "pending" if card.refund == "pending" else "succeeded"}
    transaction = balance.record(work, refund, -refund["amount"], kind="refund", category="refund")
    refund["balance_transaction"] = transaction["id"]
    work.add(refund)
    previous = _set_refunded(work, charge, charge["amount_refunded"] + refund["amount"])
    work.emit("charge.refunded", charge, previous)
    work.emit("refund.created", refund)
    if card.refund != "succeeds":
        work.later("fail_refund" if card.refund == "fails_later" else "finish_refund", refund["id"])
    return refund


def _charge_of(call: Call) -> Json:
    charge_id, intent_id = call.params.text("charge"), call.params.text("payment_intent")
    if not charge_id and not intent_id:
        raise bad_parameter("One of the following params should be provided: payment_intent or charge.", "charge")
    if intent_id:
        intent = call.work.get("payment_intent", intent_id, param="payment_intent")
        if intent["status"] != "succeeded" or charge_id not in {None, intent["latest_charge"]}:
            raise refused(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
        charge_id = intent["latest_charge"]
    return call.work.get("charge", str(charge_id), param="charge")


def _refundable(charge: Json, amount: int | None) -> int:
    """The cents to give back: the amount asked for, or all that is left."""
    if not charge["paid"]:
        raise refused(f"Charge {charge['id']} has failed and cannot be refunded.", param="charge")
    if charge["disputed"]:
        raise refused(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount is not None and amount > left:
        asked, rest = f"${amount / 100:,.2f}", f"${left / 100:,.2f}"
        raise refused(f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})", param="amount")
    return amount or left


def _set_refunded(work: Work, charge: Json, cents: int) -> Json:
    return work.change(charge, amount_refunded=cents, refunded=cents == charge["amount"])


def finish(work: Work, refund_id: str) -> None:
    """A pending refund reaches the buyer."""
    refund = work.get("refund", refund_id)
    previous = work.change(refund, status="succeeded")
    work.emit("charge.refund.updated", refund, previous)
    work.emit("refund.updated", refund, previous)


def fail(work: Work, refund_id: str) -> None:
    """The buyer's bank sends the money back: the charge counts as not refunded by this amount again."""
    refund = work.get("refund", refund_id)
    back = balance.record(work, refund, refund["amount"], kind="refund_failure", category="refund_failure")
    previous = work.change(
        refund,
        status="failed",
        failure_reason="expired_or_canceled_card",
        failure_balance_transaction=back["id"],
    )
    charge = work.get("charge", refund["charge"])
    reopened = _set_refunded(work, charge, charge["amount_refunded"] - refund["amount"])
    for kind in ("charge.refund.updated", "refund.updated", "refund.failed"):
        work.emit(kind, refund, previous)
    work.emit("charge.updated", charge, reopened)


def retrieve(call: Call) -> Json:
    return call.work.get("refund", call.id)


def update(call: Call) -> Json:
    call.params.only({"metadata"})
    refund = call.work.get("refund", call.id)
    previous = call.work.change(refund, metadata=call.params.metadata(refund["metadata"]))
    if previous:
        call.work.emit("refund.updated", refund, previous)
    return refund


def list_all(call: Call) -> Json:
    call.params.only({"payment_intent", "charge", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "refund", fields=("payment_intent", "charge"))
