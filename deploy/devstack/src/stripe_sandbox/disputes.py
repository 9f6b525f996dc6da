"""Disputes: a bank takes a charge back, and the answer to it."""

from . import balance, money_shapes
from .errors import Json, refused
from .listing import listed
from .work import Call, Work, new_id

_OPEN = {"needs_response", "warning_needs_response", "under_review"}


def open_for(work: Work, charge_id: str) -> Json:
    """A bank takes its customer's charge back, as the consequence of a card or on demand."""
    charge = work.get("charge", charge_id)
    dispute = work.add(money_shapes.dispute(new_id("dp"), work.created, charge))
    work.emit("charge.updated", charge, work.change(charge, disputed=True))
    work.emit("charge.dispute.created", dispute)
    taken = balance.record_dispute(work, dispute)
    previous = work.change(dispute, balance_transactions=[taken])
    work.emit("charge.dispute.funds_withdrawn", dispute, previous)
    return dispute


def retrieve(call: Call) -> Json:
    return call.work.get("dispute", call.id)


def list_all(call: Call) -> Json:
    call.params.only({"payment_intent", "charge", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "dispute", fields=("payment_intent", "charge"))


def update(call: Call) -> Json:
    """Take evidence; Stripe's magic words `winning_evidence` and `losing_evidence` end the dispute at once."""
    params, work = call.params, call.work
    params.only({"evidence", "metadata", "submit"})
    dispute = _open_dispute(call, "update")
    evidence = params.nested("evidence")
    evidence.only(dispute["evidence"])
    given = {name: evidence.text(name) for name in evidence.values}
    details = dispute["evidence_details"] | {"has_evidence": bool(given)}
    fields = {"evidence": dispute["evidence"] | given, "evidence_details": details}
    previous = work.change(dispute, metadata=params.metadata(dispute["metadata"]), **fields)
    work.emit("charge.dispute.updated", dispute, previous)
    match given.get("uncategorized_text"):
        case "winning_evidence":
            _win(work, dispute)
        case "losing_evidence":
            _end(work, dispute, "lost")
    return dispute


def close(call: Call) -> Json:
    """Accept the loss."""
    call.params.only(())
    dispute = _open_dispute(call, "close")
    _end(call.work, dispute, "lost")
    return dispute


def _open_dispute(call: Call, verb: str) -> Json:
    dispute = call.work.get("dispute", call.id)
    if dispute["status"] not in _OPEN:
        raise refused(f"You cannot {verb} this dispute because it has a status of {dispute['status']}.")
    return dispute


def decide(work: Work, dispute: Json, *, won: bool) -> None:
    """The bank has decided a dispute that is open; raises ApiError for another."""
    if dispute["status"] not in _OPEN:
        raise refused(f"The dispute is {dispute['status']} already.")
    if won:
        _win(work, dispute)
    else:
        _end(work, dispute, "lost")


def _win(work: Work, dispute: Json) -> None:
    given = balance.record(work, dispute, dispute["amount"], kind="adjustment", category="dispute_reversal")
    previous = work.change(dispute, balance_transactions=[*dispute["balance_transactions"], given])
    work.emit("charge.dispute.funds_reinstated", dispute, previous)
    _end(work, dispute, "won")


def _end(work: Work, dispute: Json, status: str) -> None:
    previous = work.change(dispute, status=status)
    work.emit("charge.dispute.closed", dispute, previous)
