"""Webhooks: signed, stored before they are acknowledged, harmless in any order and number."""

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from payments.adapters.tables import stripe_events
from shared.contracts.payments import PaymentSucceeded, RefundFailed
from shared.testing.service import a_staff_member
from sqlalchemy import select
from stripe_sandbox.receiver import Arrival

from ..factories import Shop, a_booking, signed


def event(kind: str, **subject: object) -> bytes:
    body = {"id": "evt_1", "object": "event", "type": kind, "data": {"object": subject}}
    return json.dumps(body).encode()


async def states(shop: Shop) -> list[str]:
    rows = await shop.service.database.fetch_all(select(stripe_events.c.state))
    return [row.state for row in rows]


async def test_a_success_is_applied_before_it_is_acknowledged(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    webhook = shop.webhooks("payment_intent.succeeded")[0]
    assert (await shop.deliver(webhook)).status_code == 200
    assert (await shop.payment(booking)).status == "succeeded"
    assert await states(shop) == ["applied"]


async def test_repeated_webhooks_change_nothing(shop: Shop) -> None:
    intent = await shop.intent(a_booking())
    await shop.pay(intent)
    webhook = shop.webhooks("payment_intent.succeeded")[0]
    for _ in range(3):
        assert (await shop.deliver(webhook)).status_code == 200
    assert len(await shop.service.events(PaymentSucceeded)) == 1


async def test_every_order_of_a_decline_and_a_success_ends_paid(shop: Shop) -> None:
    for order in itertools.permutations(range(2)):
        shop.receiver._arrivals.clear()
        booking = a_booking()
        intent = await shop.intent(booking)
        await shop.pay(intent, "pm_card_chargeDeclined")
        await shop.pay(intent)
        webhooks = shop.webhooks("payment_intent.payment_failed", "payment_intent.succeeded")
        for index in order:
            await shop.deliver(webhooks[index])
            await shop.work()
        assert (await shop.payment(booking)).status == "succeeded"


async def test_a_late_decline_is_checked_with_stripe(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent, "pm_card_chargeDeclined")
    decline = shop.webhooks("payment_intent.payment_failed")[0]
    await shop.pay(intent)
    await shop.deliver(decline)
    assert await states(shop) == ["waiting"]
    await shop.work()
    assert (await shop.payment(booking)).status == "succeeded"
    assert "payment.failed.v1" not in await shop.told()


async def test_a_refund_that_failed_before_it_succeeded_stays_failed(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking, "pm_card_refundFail")
    await shop.request_refund(payment.id)
    await shop.work()
    shop.sandbox.control("POST", "/settle")
    created, failed = (shop.webhooks(kind)[0] for kind in ("refund.created", "refund.failed"))
    for webhook in (failed, created, created, failed):
        await shop.deliver(webhook)
        await shop.work()
    assert [refund.status for refund in await shop.refunds()] == ["failed"]
    assert len(await shop.service.events(RefundFailed)) == 1
    assert (await shop.payment(booking)).refunded_cents == 0


@pytest.mark.parametrize("signature", ["", "t=1,v1=abc", "nonsense", "t=x,v1=", "v1=a"])
async def test_a_wrong_signature_is_refused(shop: Shop, signature: str) -> None:
    answer = await shop.deliver(Arrival(event("payment_intent.succeeded"), signature, {}))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_signature")


async def test_an_old_signature_is_refused(shop: Shop) -> None:
    body = event("payment_intent.succeeded")
    assert (await shop.deliver(signed(shop, body, age_seconds=301))).status_code == 400


@pytest.mark.parametrize("kind", ["customer.created", "payment_intent.created", "invoice.paid", "no.such.event"])
async def test_types_that_mean_nothing_here_are_acknowledged_and_forgotten(shop: Shop, kind: str) -> None:
    assert (await shop.deliver(signed(shop, event(kind, id="x")))).status_code == 200
    assert await states(shop) == []


async def test_an_intent_that_nobody_here_made_is_acknowledged_whatever_is_told_of_it(shop: Shop) -> None:
    for subject in ({"id": "pi_elsewhere", "object": "payment_intent"}, {"id": "pi_elsewhere", "metadata": {}}):
        assert (await shop.deliver(signed(shop, event("payment_intent.succeeded", **subject)))).status_code == 200
    ours = event("payment_intent.succeeded", id="pi_ours", metadata={"app": "totetaxi"})
    assert (await shop.deliver(signed(shop, ours))).status_code == 400
    assert await states(shop) == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"7", b'{"id":1,"type":"payment_intent.succeeded"}', b"{"])
async def test_what_is_no_event_is_refused_even_if_it_is_signed(shop: Shop, body: bytes) -> None:
    assert (await shop.deliver(signed(shop, body))).status_code == 400


async def test_bytes_that_are_no_text_are_refused(shop: Shop) -> None:
    assert (await shop.deliver(Arrival(b"\xff\xfe", "t=1,v1=a", {}))).status_code == 400


async def test_a_body_beyond_256_kib_is_refused(shop: Shop) -> None:
    assert (await shop.deliver(Arrival(b"x" * (256 * 1024 + 1), "t=1,v1=a", {}))).status_code == 413


async def test_foreign_intents_are_stored_as_ignored(shop: Shop) -> None:
    foreign = event("payment_intent.succeeded", id="pi_foreign", status="succeeded", amount=100, currency="usd")
    assert (await shop.deliver(signed(shop, foreign))).status_code == 200
    assert await states(shop) == ["ignored"]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("payment_intent.processing", {"id": "pi_1", "status": "processing", "amount": 100, "currency": "usd"}),
        ("charge.dispute.created", {"id": "dp_1", "status": "lost", "amount": 100, "payment_intent": "pi_1"}),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1"}),
        ("payment_method.updated", {"id": "pm_1", "customer": "cus_1"}),
    ],
)
async def test_what_is_not_ours_is_ignored_though_stripe_does_not_show_it(
    shop: Shop, kind: str, subject: dict[str, Any]
) -> None:
    assert (await shop.deliver(signed(shop, event(kind, **subject)))).status_code == 200
    await shop.work()
    assert await states(shop) == ["ignored"]


async def tried(shop: Shop) -> tuple[str, int]:
    """The state of the only webhook, and how often a worker has tried to apply it."""
    (row,) = await shop.service.database.fetch_all(select(stripe_events.c.state, stripe_events.c.tries))
    return row.state, row.tries


async def test_an_unknown_intent_of_ours_is_tried_again_for_an_hour_and_then_given_up_before_all_eyes(
    shop: Shop,
) -> None:
    metadata = {"app": "totetaxi", "payment_id": "0192f0c0-0000-7000-8000-000000000000"}
    ours = event(
        "payment_intent.succeeded", id="pi_ours", status="succeeded", amount=100, currency="usd", metadata=metadata
    )
    await shop.deliver(signed(shop, ours))
    for tries in (1, 2, 3):
        await shop.work()
        assert await tried(shop) == ("waiting", tries)
        shop.later(minutes=20, seconds=-1)
    await shop.work()
    assert await tried(shop) == ("waiting", 4)
    assert await shop.told() == []
    shop.later(minutes=1)
    for _ in range(2):
        await shop.work()
        shop.later(minutes=1)
    assert await tried(shop) == ("parked", 5)
    assert await shop.told() == ["alert.raised.v1"]
    assert "stripe_understood" in await shop.broken()
    async with shop.service.as_caller(a_staff_member("refund_payments")) as client:
        (listed,) = (await client.get("/api/staff/stripe-events/")).json()["results"]
    assert (listed["id"], listed["type"], listed["error"]) == (
        "evt_1", "payment_intent.succeeded", "what it names is not here (yet)",
    )  # fmt: skip


async def test_a_stored_webhook_that_can_not_be_read_is_parked_and_the_others_go_on(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent, "pm_card_chargeDeclined")
    await shop.deliver(shop.webhooks("payment_intent.payment_failed")[0])
    now = shop.service.platform.clock()
    times = {"received_at": now, "next_try_at": now - timedelta(seconds=9)}
    for name, kind in (("evt_a", "payment_intent.processing"), ("evt_b", "of.another.version")):
        await shop.service.put(stripe_events, id=name, type=kind, facts={"strange": 1}, state="waiting", **times)
    await shop.work()
    assert sorted(await states(shop)) == ["applied", "parked", "parked"]
    assert (await shop.payment(booking)).failure_reason
    assert (await shop.told()).count("alert.raised.v1") == 2


@pytest.mark.parametrize("kind", ["refund.created", "charge.refunded"])
async def test_a_refund_that_is_told_before_its_payments_success_is_taken_in_later(shop: Shop, kind: str) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    await shop.at_stripe("POST", "/v1/refunds", payment_intent=intent["payment_intent_id"], amount="1000")
    await shop.deliver(shop.webhooks(kind)[0])
    await shop.work()
    assert await states(shop) == ["waiting"]
    await shop.confirm(intent)
    shop.later(minutes=1)
    await shop.work()
    assert (await shop.payment(booking)).refunded_cents == 1000


async def test_refunds_of_a_charge_are_asked_for(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    for cents in ("1000", "2000"):
        await shop.at_stripe("POST", "/v1/refunds", payment_intent=payment.stripe_payment_intent_id, amount=cents)
    await shop.deliver(shop.webhooks("charge.refunded")[0])
    await shop.work()
    assert sorted(refund.amount_cents for refund in await shop.refunds()) == [1000, 2000]
