"""Stripe slow, failing, cut off or silent: one intent, one capture, one refund, and nothing failed by transport."""

from datetime import timedelta

import httpx
import pytest
from payments.adapters.tables import payments
from shared.contracts.booking import BookingCancelled, BookingExpired
from shared.contracts.payments import PaymentSucceeded, RefundSucceeded
from sqlalchemy import update

from ..factories import PATIENCE_SECONDS, TOTAL_CENTS, Shop, a_booking, later

INTENTS, REFUNDS = "/v1/payment_intents", "/v1/refunds"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["reset", "status"])
async def test_an_intent_that_failed_on_the_way_is_made_once(shop: Shop, kind: str, when: str) -> None:
    booking = a_booking()
    shop.sandbox.fault(kind, method="POST", path=INTENTS, when=when, count=1)
    answer = await shop.open(booking)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "payment_unavailable")
    assert (await shop.payment(booking)).status == "creating"
    await shop.intent(booking)
    assert shop.sandbox.state()["payment_intents"] == {"requires_payment_method": 1}
    assert (await shop.payment(booking)).status == "requires_payment"


@pytest.mark.parametrize("status", [409, 429, 503])
async def test_what_stripe_could_not_do_now_is_done_later(shop: Shop, status: int) -> None:
    booking = a_booking()
    shop.sandbox.fault("status", status=status, method="POST", path=INTENTS, count=1, cached=False)
    assert (await shop.open(booking)).status_code == 503
    await shop.intent(booking)
    assert shop.sandbox.state()["payment_intents"] == {"requires_payment_method": 1}


async def test_an_error_that_stripe_repeats_for_ever_gets_a_new_key(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("status", method="POST", path=INTENTS, when="before", count=1, cached=True)
    assert (await shop.open(booking)).status_code == 503
    await shop.intent(booking)
    assert (await shop.payment(booking)).attempt == 2
    assert shop.sandbox.state()["payment_intents"] == {"requires_payment_method": 1}


async def test_an_error_after_the_effect_is_looked_up_and_not_repeated(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("status", method="POST", path=INTENTS, when="after", count=1, cached=True)
    assert (await shop.open(booking)).status_code == 503
    await shop.intent(booking)
    assert (await shop.payment(booking)).attempt == 1


async def test_the_looking_goes_through_all_pages_of_stripes_list(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("status", method="POST", path=INTENTS, when="after", count=1, cached=True)
    await shop.open(booking)
    headers = {"Authorization": f"Bearer {shop.sandbox.secret_key}"}
    base = shop.sandbox.api_base
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_SECONDS) as stripe:
        for _ in range(101):
            await stripe.post(INTENTS, data={"amount": "100", "currency": "usd"})
    await shop.intent(booking)
    assert (await shop.payment(booking)).attempt == 1


async def test_a_slow_stripe_is_not_waited_for_longer_than_the_caller_waits(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("latency", latency_ms=10_000, method="POST", path=INTENTS, count=1)
    answer = await shop.open(booking, **{"X-Request-Deadline-Ms": "900"})
    assert (answer.status_code, answer.json()["error_code"]) == (503, "payment_unavailable")
    assert (await shop.payment(booking)).status == "creating"


async def test_the_reconciler_makes_the_intent_that_nobody_came_back_for(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("reset", method="POST", path=INTENTS, when="after", count=1)
    await shop.open(booking)
    shop.later(seconds=61)
    await shop.service.run_job("reconcile")
    assert (await shop.payment(booking)).status == "requires_payment"
    assert shop.sandbox.state()["payment_intents"] == {"requires_payment_method": 1}


async def test_with_all_webhooks_lost_the_payment_is_found_within_three_minutes(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    shop.sandbox.webhooks(drop=True)
    await shop.pay(intent)
    await run_for(shop, minutes=3)
    assert (await shop.payment(booking)).status == "succeeded"
    assert len(await shop.service.events(PaymentSucceeded)) == 1


async def test_an_old_intent_whose_webhook_is_lost_is_found_as_soon(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await run_for(shop, minutes=60, every_seconds=120)
    shop.sandbox.webhooks(drop=True)
    await shop.pay(intent)
    await run_for(shop, minutes=3)
    assert (await shop.payment(booking)).status == "succeeded"


async def test_a_payment_that_stripe_does_not_know_keeps_no_other_from_being_found(shop: Shop) -> None:
    bookings = [a_booking() for _ in range(20)]
    intents = [await shop.intent(booking) for booking in bookings]
    shop.sandbox.webhooks(drop=True)
    await shop.pay(intents[-1])
    unknown = update(payments).where(payments.c.booking_id == bookings[0].id).values(stripe_payment_intent_id="pi_x")
    async with shop.service.database.transaction() as connection:
        await connection.execute(unknown)
    for position, booking in enumerate(bookings):
        await shop.make_due(booking, minutes_ago=20 - position)
    await shop.service.run_job("reconcile")
    assert (await shop.payment(bookings[-1])).status == "succeeded"


async def run_for(shop: Shop, minutes: float, every_seconds: float = 30) -> None:
    """The worker's life over a while."""
    until = shop.service.platform.clock() + timedelta(minutes=minutes)
    while shop.service.platform.clock() < until:
        shop.later(seconds=every_seconds)
        await shop.service.run_job("reconcile")
        await shop.work()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["reset", "status"])
async def test_a_refund_that_failed_on_the_way_is_made_once(shop: Shop, kind: str, when: str) -> None:
    booking = a_booking()
    await shop.request_refund((await shop.paid(booking)).id)
    shop.sandbox.fault(kind, method="POST", path=REFUNDS, when=when, count=1)
    await shop.work()
    assert [refund.status for refund in await shop.refunds()] == ["pending"]
    shop.later(seconds=61)
    await shop.work()
    assert [refund.status for refund in await shop.refunds()] == ["succeeded"]
    assert shop.sandbox.state()["refunded_cents"] == TOTAL_CENTS
    assert len(await shop.service.events(RefundSucceeded)) == 1


async def test_a_refund_that_the_bank_is_slow_with_is_asked_about(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    booking = a_booking()
    await shop.request_refund((await shop.paid(booking, "pm_card_pendingRefund")).id)
    await shop.work()
    assert [refund.status for refund in await shop.refunds()] == ["pending"]
    shop.sandbox.control("POST", "/settle")
    shop.later(seconds=61)
    await shop.service.run_job("reconcile")
    assert (await shop.payment(booking)).status == "refunded"


async def test_a_closed_bookings_intent_is_cancelled_at_stripe(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    await shop.service.receive(BookingExpired(booking=later(booking, status="expired")))
    shop.sandbox.fault("reset", path="*/cancel", when="after", count=1)
    await shop.work()
    assert (await shop.payment(booking)).status == "requires_payment"
    shop.later(seconds=30)
    await shop.work()
    assert (await shop.payment(booking)).status == "cancelled"
    assert shop.sandbox.state()["payment_intents"] == {"canceled": 1}


async def test_an_intent_that_was_never_heard_of_is_brought_to_light_and_cancelled(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("reset", method="POST", path=INTENTS, when="after", count=1)
    await shop.open(booking)
    await shop.service.receive(BookingCancelled(booking=later(booking, status="cancelled")))
    await shop.work()
    assert (await shop.payment(booking)).status == "cancelled"
    assert shop.sandbox.state()["payment_intents"] == {"canceled": 1}


async def test_after_a_day_an_intent_is_looked_up_and_not_asked_for_again(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("reset", method="POST", path=INTENTS, when="before", count=1)
    await shop.open(booking)
    shop.later(hours=24)
    await shop.service.run_job("reconcile")
    assert (await shop.payment(booking)).status == "failed"
    assert shop.sandbox.state()["payment_intents"] == {}


async def test_a_refund_that_could_not_be_sent_for_days_is_sent_under_a_new_key(shop: Shop) -> None:
    booking = a_booking()
    await shop.request_refund((await shop.paid(booking)).id)
    shop.later(hours=60)
    await shop.work()
    assert [(refund.status, refund.attempt) for refund in await shop.refunds()] == [("succeeded", 2)]
    assert shop.sandbox.state()["refunded_cents"] == TOTAL_CENTS


async def test_a_refund_whose_answer_was_lost_days_ago_is_looked_up_and_not_sent_again(shop: Shop) -> None:
    booking = a_booking()
    await shop.request_refund((await shop.paid(booking)).id, 1_000)
    shop.sandbox.fault("reset", method="POST", path=REFUNDS, when="after", count=1)
    await shop.work()
    shop.later(hours=60)
    await shop.work()
    assert [(refund.status, refund.attempt) for refund in await shop.refunds()] == [("succeeded", 1)]
    assert shop.sandbox.state()["refunded_cents"] == 1_000


async def test_a_new_key_is_kept_for_a_day_as_the_first_one_was(shop: Shop) -> None:
    booking = a_booking()
    await shop.request_refund((await shop.paid(booking)).id, 1_000)
    shop.later(hours=60)
    shop.sandbox.fault("status", status=503, method="POST", path=REFUNDS, count=1, cached=False)
    for _ in range(2):
        await shop.work()
        shop.later(minutes=2)
    assert [(refund.status, refund.attempt) for refund in await shop.refunds()] == [("succeeded", 2)]
