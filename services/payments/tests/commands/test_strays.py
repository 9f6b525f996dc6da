"""Money that should not have come in: a second intent for one payment, or a success that is not the one asked for."""

import httpx
from payments.adapters.tables import payment_audit
from payments.queries.invariants import check_invariants
from shared.contracts.booking import AlertRaised
from sqlalchemy import select

from ..factories import TOTAL_CENTS, Shop, a_booking


async def a_second_intent(shop: Shop, intent: dict[str, str], **changes: str) -> dict[str, str]:
    """An intent beside ours that names our payment, as a lost answer and a second try could leave it."""
    ours = shop.sandbox.control("GET", f"/payment_intents?metadata[payment_id]={intent['payment_id']}")["data"][0]
    form = {"amount": str(TOTAL_CENTS), "currency": "usd", "payment_method_types[]": "card"}
    form |= {f"metadata[{name}]": value for name, value in ours["metadata"].items()} | changes
    headers = {"Authorization": f"Bearer {shop.sandbox.secret_key}"}
    async with httpx.AsyncClient() as stripe:
        made = (await stripe.post(f"{shop.sandbox.api_base}/v1/payment_intents", data=form, headers=headers)).json()
    return {"payment_intent_id": made["id"], "client_secret": made["client_secret"]}


async def test_a_second_success_is_refunded_in_full_by_itself(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    stray = await a_second_intent(shop, intent)
    for paid in (intent, stray):
        await shop.pay(paid)
    for webhook in shop.receiver.arrivals("payment_intent.succeeded", at_least=2):
        await shop.deliver(webhook)
    await shop.work()
    first, second = await shop.payments(booking)
    assert (first.status, second.status, second.duplicate_of) == ("succeeded", "refunded", first.id)
    assert shop.sandbox.state()["refunded_cents"] == TOTAL_CENTS
    assert (await shop.told()).count("payment.succeeded.v1") == 1
    (alert,) = await shop.service.events(AlertRaised)
    assert "paid twice" in alert.message  # type: ignore[attr-defined]
    assert (await check_invariants(shop.service.database, shop.service.platform.clock()))["ok"]


async def test_a_second_intent_that_is_still_open_is_cancelled(shop: Shop) -> None:
    booking = a_booking()
    stray = await a_second_intent(shop, await shop.intent(booking))
    await shop.pay(stray, "pm_card_chargeDeclined")
    for webhook in shop.webhooks("payment_intent.payment_failed"):
        await shop.deliver(webhook)
    await shop.work()
    first, second = await shop.payments(booking)
    assert (first.status, second.status) == ("requires_payment", "cancelled")
    assert shop.sandbox.state()["payment_intents"] == {"canceled": 1, "requires_payment_method": 1}


async def test_a_success_over_another_amount_is_not_counted(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    headers = {"Authorization": f"Bearer {shop.sandbox.secret_key}"}
    url = f"{shop.sandbox.api_base}/v1/payment_intents/{intent['payment_intent_id']}"
    async with httpx.AsyncClient() as stripe:
        await stripe.post(url, data={"amount": "100"}, headers=headers)
    await shop.pay(intent)
    for _ in range(2):
        assert (await shop.confirm(intent)).json() == {"payment_status": "pending", "booking_status": "pending"}
    payment = await shop.payment(booking)
    assert (payment.captured_cents, payment.parked_at is not None) == (0, True)
    assert await shop.told() == ["payment.created.v1", "alert.raised.v1"]
    proof = await check_invariants(shop.service.database, shop.service.platform.clock())
    assert [check["name"] for check in proof["checks"] if not check["ok"]] == ["nothing_parked"]


async def test_every_step_is_in_the_audit_trail(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent, "pm_card_chargeDeclined")
    await shop.confirm(intent)
    await shop.pay(intent)
    await shop.confirm(intent)
    await shop.request_refund((await shop.payment(booking)).id)
    await shop.work()
    rows = await shop.service.database.fetch_all(select(payment_audit.c.action_type).order_by(payment_audit.c.id))
    assert [row.action_type for row in rows] == [
        "payment_started", "intent_created", "payment_declined", "payment_succeeded", "refund_requested",
        "refund_succeeded",
    ]  # fmt: skip
