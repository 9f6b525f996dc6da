"""The rules of one payment's life, without database or network."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payments.domain.facts import IntentFacts, RefundFacts
from payments.domain.ledger import charge_entries, refund_entries, refund_reversal_entries
from payments.domain.payment import Change, Mismatch, Payment, advance, idempotency_key, refunded
from payments.domain.refund import Refund, advance_refund, amount_to_refund
from shared.errors import Refusal
from shared.ids import new_id

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CENTS = 10_000


def a_payment(**changes: object) -> Payment:
    payment = Payment(
        id=new_id(),
        version=1,
        booking_id=new_id(),
        booking_number="TT-20261122-0001",
        customer_id=None,
        purpose="booking",
        amount_cents=CENTS,
        currency="usd",
        status="creating",
        attempt=1,
        created_at=NOW,
    )
    return replace(payment, **changes)


def facts(payment: Payment, status: str, **changes: object) -> IntentFacts:
    received = CENTS if status == "succeeded" else 0
    told = IntentFacts("pi_1", status, CENTS, received, "usd", "totetaxi", payment.id, payment.booking_id)
    return replace(told, **changes)


@pytest.mark.parametrize(
    ("status", "after", "what"),
    [
        ("requires_payment_method", "requires_payment", "created"),
        ("requires_action", "requires_payment", "created"),
        ("processing", "processing", "processing"),
        ("succeeded", "succeeded", "succeeded"),
        ("canceled", "cancelled", "cancelled"),
    ],
)
def test_facts_move_a_new_payment(status: str, after: str, what: str) -> None:
    payment = a_payment()
    change = advance(payment, facts(payment, status), NOW)
    assert isinstance(change, Change)
    assert (change.payment.status, change.what, change.payment.version) == (after, what, 2)


def test_a_payment_that_is_no_longer_processed_is_told_of() -> None:
    payment = a_payment(status="processing", intent_id="pi_1")
    change = advance(payment, facts(payment, "requires_action"), NOW)
    assert isinstance(change, Change)
    assert (change.payment.status, change.what) == ("requires_payment", "waiting")


@pytest.mark.parametrize("status", ["requires_payment_method", "processing", "canceled", "succeeded"])
@pytest.mark.parametrize("before", ["succeeded", "partially_refunded", "refunded"])
def test_nothing_undoes_a_success(before: str, status: str) -> None:
    payment = a_payment(status=before, captured_cents=CENTS, intent_id="pi_1")
    assert advance(payment, facts(payment, status, failure_code="card_declined"), NOW) is None


@pytest.mark.parametrize("before", ["failed", "cancelled"])
def test_what_was_given_up_only_a_success_brings_back(before: str) -> None:
    payment = a_payment(status=before, intent_id="pi_1")
    assert advance(payment, facts(payment, "processing"), NOW) is None
    change = advance(payment, facts(payment, "succeeded"), NOW)
    assert isinstance(change, Change)
    assert change.payment.captured_cents == CENTS


@pytest.mark.parametrize(
    "wrong", [{"amount_received_cents": CENTS - 1}, {"currency": "eur"}, {"booking_id": new_id()}, {"booking_id": None}]
)
def test_a_success_that_is_not_ours_is_no_success(wrong: dict[str, object]) -> None:
    payment = a_payment(status="requires_payment", intent_id="pi_1")
    assert isinstance(advance(payment, facts(payment, "succeeded", **wrong), NOW), Mismatch)


def test_each_declined_card_is_told_once() -> None:
    payment = a_payment(status="requires_payment", intent_id="pi_1")
    decline = facts(payment, "requires_payment_method", failure_code="expired_card", charge_id="ch_1")
    change = advance(payment, decline, NOW)
    assert isinstance(change, Change)
    assert (change.what, change.payment.failure_reason) == ("failed", "The card has expired.")
    assert advance(change.payment, decline, NOW) is None
    assert advance(change.payment, replace(decline, charge_id="ch_2"), NOW) is not None


def test_a_further_attempt_has_a_key_of_its_own() -> None:
    payment = a_payment()
    assert idempotency_key(payment.id, 1) == f"pi:{payment.id}"
    assert idempotency_key(payment.id, 2) == f"pi:{payment.id}:2"


@given(captured=st.integers(1, 99_999_999), wishes=st.lists(st.none() | st.integers(1, 99_999_999), max_size=8))
def test_refunds_never_exceed_what_was_captured(captured: int, wishes: list[int | None]) -> None:
    payment = a_payment(status="succeeded", captured_cents=captured)
    promised = 0
    for wish in wishes:
        try:
            promised += amount_to_refund(payment, promised, wish)
        except Refusal:
            continue
        assert promised <= captured


_intents = st.tuples(
    st.sampled_from(["requires_payment_method", "requires_action", "processing", "canceled", "succeeded"]),
    st.sampled_from(["", "card_declined", "insufficient_funds"]),
    st.sampled_from([CENTS, CENTS, CENTS, CENTS - 1]),
)
_refunds = st.tuples(st.integers(0, 3), st.sampled_from(["pending", "succeeded", "failed", "canceled"]))
_AMOUNTS = (4_000, 3_000, 2_000, 1_000)


@given(st.lists(st.one_of(_intents, _refunds), max_size=40))
def test_the_ledger_balances_after_any_sequence_of_facts(told: list[tuple[object, ...]]) -> None:
    payment = a_payment()
    refunds = [a_refund(payment, cents) for cents in _AMOUNTS]
    booked: dict[str, dict[str, int]] = {}
    for fact in told:
        if len(fact) == 3:
            status, failure, received = fact
            change = advance(payment, intent_fact(payment, str(status), str(failure), int(str(received))), NOW)
            if not isinstance(change, Change):
                continue
            payment, entries = change.payment, ()
            if change.what == "succeeded":
                entries = charge_entries("pi_1", payment.captured_cents)
        else:
            payment, entries = after_refund_fact(payment, refunds, int(str(fact[0])), str(fact[1]))
        for entry in entries:
            assert entry.account not in booked.setdefault(entry.fact, {}), "booked twice"
            booked[entry.fact][entry.account] = entry.amount_cents
    assert all(sum(accounts.values()) == 0 for accounts in booked.values())
    held = sum(accounts.get("stripe_balance", 0) for accounts in booked.values())
    assert held == payment.captured_cents - payment.refunded_cents >= 0
    assert payment.refunded_cents == sum(refund.amount_cents for refund in refunds if refund.status == "succeeded")


def a_refund(payment: Payment, cents: int) -> Refund:
    common = {"booking_id": payment.booking_id, "booking_number": payment.booking_number, "created_at": NOW}
    return Refund(new_id(), 1, payment.id, amount_cents=cents, status="pending", reason="", requested_by="", attempt=1, **common)  # type: ignore[arg-type]  # fmt: skip  # noqa: E501


def intent_fact(payment: Payment, status: str, failure: str, received: int) -> IntentFacts:
    amount = received if status == "succeeded" else 0
    return facts(payment, status, failure_code=failure, amount_received_cents=amount)


def after_refund_fact(payment: Payment, refunds: list[Refund], index: int, status: str) -> tuple[Payment, tuple]:  # type: ignore[type-arg]
    """As the command does it: a refund exists only for what was captured."""
    before = refunds[index]
    told = RefundFacts(f"re_{index}", status, before.amount_cents, "usd", "pi_1", before.id)
    after = advance_refund(before, told, NOW) if payment.is_captured else None
    if after is None:
        return payment, ()
    refunds[index] = after
    if after.status == "succeeded" != before.status:
        entries = refund_entries(str(after.id), after.amount_cents)
        return refunded(payment, payment.refunded_cents + after.amount_cents), entries
    if before.status == "succeeded" and after.status == "failed":
        entries = refund_reversal_entries(str(after.id), after.amount_cents)
        return refunded(payment, payment.refunded_cents - after.amount_cents), entries
    return payment, ()
