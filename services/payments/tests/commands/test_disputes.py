"""Disputes: told once, booked to the cent, whichever webhook of them comes in which order."""

import itertools
from typing import Any

import pytest
from payments.adapters.dispute_tables import disputes
from payments.adapters.tables import ledger_entries
from shared.contracts.booking import AlertCleared, AlertRaised, BookingCancelled
from shared.contracts.payments import DisputeClosed, DisputeOpened
from sqlalchemy import func, select

from ..factories import TOTAL_CENTS, Shop, a_booking
from .test_strays import a_second_intent

FEE = 1500
WEBHOOKS = tuple(f"charge.dispute.{verb}" for verb in ("created", "funds_withdrawn", "updated", "closed"))


async def a_dispute(shop: Shop) -> dict[str, Any]:
    """A payment whose charge its bank disputes."""
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    payment = await shop.paid(a_booking(), "pm_card_createDispute")
    shop.sandbox.control("POST", "/settle")
    (dispute,) = shop.sandbox.control("GET", f"/disputes?payment_intent={payment.stripe_payment_intent_id}")["data"]
    return dict(dispute)


async def decide(shop: Shop, dispute: dict[str, Any], words: str) -> None:
    await shop.at_stripe("POST", f"/v1/disputes/{dispute['id']}", **{"evidence[uncategorized_text]": words})


async def hear(shop: Shop, *kinds: str) -> None:
    for webhook in shop.webhooks(*kinds):
        await shop.deliver(webhook)
        await shop.work()


async def balances(shop: Shop) -> dict[str, int]:
    rows = await shop.service.database.fetch_all(
        select(ledger_entries.c.account, func.sum(ledger_entries.c.amount_cents)).group_by(ledger_entries.c.account)
    )
    return {row[0]: int(row[1]) for row in rows}


async def test_an_open_dispute_takes_the_money_and_a_fee_and_is_told_once(shop: Shop) -> None:
    await a_dispute(shop)
    await hear(shop, "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.created")
    assert await balances(shop) == {
        "stripe_balance": -FEE,
        "customer_payments": -TOTAL_CENTS,
        "disputes": TOTAL_CENTS,
        "stripe_fees": FEE,
    }
    (opened,) = await shop.service.events(DisputeOpened)
    assert (opened.dispute.amount_cents, opened.dispute.reason) == (TOTAL_CENTS, "fraudulent")  # type: ignore[attr-defined]
    (alert,) = await shop.service.events(AlertRaised)
    assert alert.key.startswith("dispute:dp_")  # type: ignore[attr-defined]
    assert await shop.broken() == []


async def test_a_won_dispute_gives_the_money_back(shop: Shop) -> None:
    dispute = await a_dispute(shop)
    await decide(shop, dispute, "winning_evidence")
    await hear(shop, "charge.dispute.created", "charge.dispute.funds_reinstated", "charge.dispute.closed")
    assert await balances(shop) == {
        "stripe_balance": TOTAL_CENTS - FEE, "customer_payments": -TOTAL_CENTS, "disputes": 0, "stripe_fees": FEE,
    }  # fmt: skip
    (closed,) = await shop.service.events(DisputeClosed)
    assert closed.dispute.status == "won"  # type: ignore[attr-defined]
    assert len(await shop.service.events(AlertCleared)) == 1


async def test_money_that_a_bank_took_back_is_not_held_for_a_cancelled_booking(shop: Shop) -> None:
    await decide(shop, await a_dispute(shop), "losing_evidence")
    await hear(shop, "charge.dispute.closed")
    state = (await shop.states())[0]
    cancelled = a_booking(id=state.booking_id, booking_number=state.booking_number, version=2, status="cancelled")
    await shop.service.receive(BookingCancelled(booking=cancelled, refund_cents=0))
    shop.later(minutes=3)
    assert "captured_has_booking_or_refund" not in await shop.broken()


async def test_a_second_payment_that_only_its_bank_gave_back_is_held_no_more(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    intent = await shop.intent(a_booking())
    second = await a_second_intent(shop, intent)
    await shop.pay(intent)
    await shop.pay(second, "pm_card_refundFail")
    for webhook in shop.receiver.arrivals("payment_intent.succeeded", at_least=2):
        await shop.deliver(webhook)
    await shop.work()
    shop.sandbox.control("POST", "/settle")
    await hear(shop, "refund.failed")
    assert "paid_once" in await shop.broken()
    dispute = shop.sandbox.control("POST", f"/payment_intents/{second['payment_intent_id']}/dispute")
    await decide(shop, dispute, "losing_evidence")
    await hear(shop, "charge.dispute.closed")
    assert await shop.broken() == []


async def test_a_lost_dispute_stays_a_loss(shop: Shop) -> None:
    await decide(shop, await a_dispute(shop), "losing_evidence")
    await hear(shop, "charge.dispute.closed")
    assert (await balances(shop))["disputes"] == TOTAL_CENTS
    opened, closed = await shop.service.events(DisputeOpened), await shop.service.events(DisputeClosed)
    assert (len(opened), [event.dispute.status for event in closed]) == (1, ["lost"])  # type: ignore[attr-defined]
    shop.later(minutes=3)
    assert "disputes_as_booked" not in await shop.broken()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::7])
async def test_webhooks_of_a_dispute_end_the_same_in_any_order(shop: Shop, order: tuple[int, ...]) -> None:
    await decide(shop, await a_dispute(shop), "losing_evidence")
    await hear(shop, *(WEBHOOKS[index] for index in order))
    row = await shop.service.database.fetch_one(select(disputes.c.status, disputes.c.version))
    assert row is not None
    assert (row.status, row.version) == ("lost", 2)
    assert (await balances(shop))["disputes"] == TOTAL_CENTS


async def test_disputes_of_others_are_ignored(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    foreign = {"amount": "900", "currency": "usd", "payment_method": "pm_card_createDispute", "confirm": "true"}
    await shop.at_stripe("POST", "/v1/payment_intents", **foreign)
    shop.sandbox.control("POST", "/settle")
    await hear(shop, "charge.dispute.created")
    assert await shop.told() == []
