"""Balance transactions, the balance they add up to, and payouts. Amounts are cents."""

from . import money_shapes
from .errors import Json
from .listing import listed
from .store import Where
from .work import Call, Work, new_id

_DISPUTE_FEE = 1500


def charge_fee(amount: int) -> int:
    """Stripe's standard fee in cents: 2.9 % rounded half up, and 30 cents."""
    return (amount * 29 + 500) // 1000 + 30


def record(work: Work, source: Json, amount: int, *, kind: str, category: str, fee: int = 0) -> Json:
    """Enter one movement; `amount` and `fee` in cents, negative for money that leaves the balance."""
    transaction = money_shapes.balance_transaction(new_id("txn"), work.created, source, amount, fee)
    return work.add(transaction | {"type": kind, "reporting_category": category})


def record_charge(work: Work, paid: Json) -> Json:
    fee = charge_fee(paid["amount"])
    return record(work, paid, paid["amount"], kind="charge", category="charge", fee=fee)


def record_dispute(work: Work, dispute: Json) -> Json:
    return record(work, dispute, -dispute["amount"], kind="adjustment", category="dispute", fee=_DISPUTE_FEE)


def list_transactions(call: Call) -> Json:
    call.params.only({"type", "source", "currency", "payout", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "balance_transaction", fields=("type", "source", "currency"))


def retrieve_transaction(call: Call) -> Json:
    return _with_status(call.work, call.work.get("balance_transaction", call.id))


def _with_status(work: Work, transaction: Json) -> Json:
    return transaction | {"status": "available" if transaction["available_on"] <= work.now else "pending"}


def retrieve_balance(call: Call) -> Json:
    """Money available now and money that still waits its two days, net of fees."""
    available = _net(call.work, Where.field("available_on", call.work.created, "<="))
    pending = _net(call.work, Where.field("available_on", call.work.created, ">"))
    return {
        "object": "balance",
        "available": [_amount(available)],
        "livemode": False,
        "pending": [_amount(pending)],
    }


def _net(work: Work, when: Where) -> int:
    sql = f"SELECT TOTAL(json_extract(body, '$.net')) FROM objects WHERE kind = 'balance_transaction' AND {when.sql}"
    return int(work.store.value(sql, *when.values))


def _amount(cents: int) -> Json:
    return {"amount": cents, "currency": "usd", "source_types": {"card": cents}}


def pay_out(work: Work, amount: int) -> Json:
    """Money leaves the balance for the bank account: on its way and there at once, as the sandbox has no weekend."""
    payout = money_shapes.payout(new_id("po"), work.created, amount)
    payout["balance_transaction"] = record(work, payout, -amount, kind="payout", category="payout")["id"]
    work.add(payout)
    work.emit("payout.created", payout)
    work.emit("payout.paid", payout)
    return payout


def list_payouts(call: Call) -> Json:
    """What was paid out, on demand alone."""
    call.params.only({"status", "arrival_date", "created", "destination", "limit", "starting_after", "ending_before"})
    return listed(call, "payout", fields=("status",))
