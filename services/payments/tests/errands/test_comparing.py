"""Comparing whole hours and days with Stripe: what differs is repaired or told, others' money raises no alarm."""

from typing import Any

import pytest
from payments.adapters.stripe_gateway import StripeUnknown
from payments.adapters.tables import ledger_entries, payments
from payments.errands.together import AllFailed
from shared.contracts.booking import AlertRaised
from sqlalchemy import func, select, update

from ..factories import TOTAL_CENTS, Shop, a_booking

FEE = 752
"""2.9 % of 249 dollars and 30 cents."""


async def balances(shop: Shop) -> dict[str, int]:
    rows = await shop.service.database.fetch_all(
        select(ledger_entries.c.account, func.sum(ledger_entries.c.amount_cents)).group_by(ledger_entries.c.account)
    )
    return {row[0]: int(row[1]) for row in rows}


async def alerts(shop: Shop) -> list[str]:
    return [event.key.partition(":")[0] for event in await shop.service.events(AlertRaised)]  # type: ignore[attr-defined]


async def a_foreign_charge(shop: Shop) -> dict[str, Any]:
    form = {"amount": "900", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    return await shop.at_stripe("POST", "/v1/payment_intents", **form)


async def test_fees_payouts_and_others_money_are_booked_once(shop: Shop) -> None:
    await shop.paid(a_booking())
    await a_foreign_charge(shop)
    shop.sandbox.control("POST", "/payouts", {"amount": 20_000})
    for _ in range(2):
        await shop.service.run_job("compare-days")
    held = await balances(shop)
    foreign_net = 900 - 56
    assert held == {
        "customer_payments": -TOTAL_CENTS, "stripe_fees": FEE, "payouts": 20_000, "not_ours": -foreign_net,
        "stripe_balance": TOTAL_CENTS - FEE - 20_000 + foreign_net,
    }  # fmt: skip
    at_stripe = await shop.at_stripe("GET", "/v1/balance")
    assert at_stripe["available"][0]["amount"] + at_stripe["pending"][0]["amount"] == held["stripe_balance"]
    assert await alerts(shop) == []


async def test_a_dispute_is_booked_once_though_told_twice(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    dispute = shop.sandbox.control("POST", f"/payment_intents/{payment.stripe_payment_intent_id}/dispute")
    await shop.deliver(shop.webhooks("charge.dispute.created")[0])
    await shop.work()
    shop.sandbox.webhooks(drop=True)
    shop.sandbox.control("POST", f"/disputes/{dispute['id']}/decide", {"outcome": "win"})
    await shop.service.run_job("compare-days")
    await shop.service.run_job("compare-hours")
    held = await balances(shop)
    assert (held["disputes"], held["stripe_fees"]) == (0, FEE + 1500)
    assert "dispute.closed.v1" in await shop.told()


async def test_a_success_whose_news_were_lost_is_found_by_the_hour(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    shop.sandbox.webhooks(drop=True)
    await shop.pay(intent)
    await a_foreign_charge(shop)
    await shop.service.run_job("compare-hours")
    assert (await shop.payment(booking)).status == "succeeded"
    assert await alerts(shop) == []


@pytest.mark.parametrize("job", ["compare-hours", "compare-days"])
async def test_a_refund_at_stripe_whose_news_were_lost_is_found(shop: Shop, job: str) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    shop.sandbox.webhooks(drop=True)
    await shop.at_stripe("POST", "/v1/refunds", payment_intent=payment.stripe_payment_intent_id, amount="700")
    await a_foreign_charge(shop)
    shop.later(hours=40)
    for _ in range(2):
        await shop.service.run_job(job)
    assert (await shop.payment(booking)).refunded_cents == 700
    assert [refund.status for refund in await shop.refunds()] == ["succeeded"]
    assert await alerts(shop) == []


async def test_a_refund_that_came_back_unheard_is_found_by_the_day(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    booking = a_booking()
    await shop.request_refund((await shop.paid(booking, "pm_card_refundFail")).id)
    await shop.work()
    shop.sandbox.webhooks(drop=True)
    shop.sandbox.control("POST", "/settle")
    await shop.service.run_job("compare-days")
    assert (await shop.payment(booking)).refunded_cents == 0
    assert [refund.status for refund in await shop.refunds()] == ["failed"]


async def test_the_last_comparison_is_part_of_the_proof(shop: Shop) -> None:
    await shop.paid(a_booking())
    assert await compared(shop) == {"movements": 0, "differences": 0, "minutes_ago": 0, "wrong": 0}
    await shop.service.run_job("compare-days")
    shop.later(minutes=61)
    assert await compared(shop) == {"movements": 1, "differences": 0, "minutes_ago": 61, "wrong": 0}
    async with shop.service.database.transaction() as connection:
        await connection.execute(update(payments).values(captured_cents=1))
    await shop.service.run_job("compare-days")
    assert await compared(shop) == {"movements": 1, "differences": 1, "minutes_ago": 0, "wrong": 1}


async def test_a_comparison_that_is_too_old_proves_nothing(shop: Shop) -> None:
    await shop.service.run_job("compare-days")
    shop.sandbox.fault("status", status=503, method="GET", path="/v1/balance_transactions", cached=False)
    shop.later(hours=14)
    with pytest.raises(StripeUnknown):
        await shop.service.run_job("compare-days")
    assert (await compared(shop))["wrong"] == 1


async def compared(shop: Shop) -> dict[str, int]:
    proof = await shop.proof()
    return dict(next(check["figures"] for check in proof["checks"] if check["name"] == "stripe_equals_ledger"))


async def test_a_round_in_which_everything_fails_is_no_success(shop: Shop) -> None:
    await shop.intent(a_booking())
    await shop.make_checks_due()
    shop.sandbox.fault("status", status=503, method="GET", path="*", cached=False)
    with pytest.raises(AllFailed):
        await shop.service.run_job("reconcile")


async def test_what_stripe_does_not_know_is_told(shop: Shop) -> None:
    booking = a_booking()
    await shop.paid(booking)
    async with shop.service.database.transaction() as connection:
        await connection.execute(update(payments).values(stripe_payment_intent_id="pi_of_nobody"))
    await shop.service.run_job("compare-hours")
    assert "unknown-at-stripe" in await alerts(shop)


async def test_money_of_ours_that_nothing_here_knows_is_told_after_an_hour(shop: Shop) -> None:
    form = {"amount": "900", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    await shop.at_stripe("POST", "/v1/payment_intents", **form, **{"metadata[app]": "totetaxi"})
    await shop.service.run_job("compare-days")
    assert await alerts(shop) == []
    shop.later(hours=2)
    await shop.service.run_job("compare-days")
    await shop.service.run_job("compare-hours")
    assert set(await alerts(shop)) == {"unknown-movement", "unknown-intent"}


async def test_a_long_list_of_lost_webhooks_is_gone_through_page_by_page(shop: Shop) -> None:
    shop.sandbox.webhooks(drop=True)
    for _ in range(101):
        await a_foreign_charge(shop)
    shop.sandbox.control("POST", "/faults", {"kind": "reset", "path": "/v1/events", "count": 1})
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    for _ in range(2):
        await shop.service.run_job("reconcile")
    await shop.work()
    assert (await shop.payment(booking)).status == "succeeded"
    counted = shop.sandbox.state()["requests"]["GET /v1/events"]
    assert counted >= 3
