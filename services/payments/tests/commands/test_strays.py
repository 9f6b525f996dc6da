"""Money that should not have come in: a second intent for one payment, or a success that is not the one asked for."""

from typing import Any

import httpx
import pytest
from payments.adapters.tables import payment_audit, payments, stripe_events
from shared.contracts.booking import AlertRaised
from shared.ids import new_id
from shared.testing.service import a_staff_member
from sqlalchemy import select, text, update

from ..factories import PATIENCE_SECONDS, TOTAL_CENTS, Shop, a_booking

SAM = new_id()
REASON = "Mrs. Byron has called the office."


async def a_second_intent(shop: Shop, intent: dict[str, str], **changes: str) -> dict[str, str]:
    """An intent beside ours that names our payment, as a lost answer and a second try could leave it."""
    ours = shop.sandbox.control("GET", f"/payment_intents?metadata[payment_id]={intent['payment_id']}")["data"][0]
    form = {"amount": str(TOTAL_CENTS), "currency": "usd", "payment_method_types[]": "card"}
    form |= {f"metadata[{name}]": value for name, value in ours["metadata"].items()} | changes
    headers = {"Authorization": f"Bearer {shop.sandbox.secret_key}"}
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as stripe:
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
    assert (await shop.proof())["ok"]


async def test_the_copies_of_others_are_held_against_what_they_were_told(shop: Shop) -> None:
    intent = await shop.intent(a_booking())
    for paid in (intent, await a_second_intent(shop, intent)):
        await shop.pay(paid)
    for webhook in shop.receiver.arrivals("payment_intent.succeeded", at_least=2):
        await shop.deliver(webhook)
    await shop.work()
    shop.later(minutes=3)
    assert (await shop.proof())["totals"] == {
        "payments": {"captured": 1, "captured_cents": TOTAL_CENTS},
        "refunds": {"succeeded": 0, "refunded_cents": 0},
    }


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
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as stripe:
        await stripe.post(url, data={"amount": "100"}, headers=headers)
    await shop.pay(intent)
    for _ in range(2):
        assert (await shop.confirm(intent)).json() == {"payment_status": "pending", "booking_status": "pending"}
    payment = await shop.payment(booking)
    assert (payment.captured_cents, payment.parked_at is not None) == (0, True)
    assert await shop.told() == ["payment.created.v1", "alert.raised.v1"]
    proof = await shop.proof()
    assert [check["name"] for check in proof["checks"] if not check["ok"]] == ["stripe_understood"]


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


async def resolve(shop: Shop, path: str, action: str, *permissions: str, **headers: str) -> httpx.Response:
    body = {"action": action, "reason": REASON}
    who = a_staff_member(*permissions or ("refund_payments",), id=SAM)
    async with shop.service.as_caller(who, **headers) as client:
        return await client.post(f"/api/staff/{path}/resolve/", json=body)


async def a_parked_payment(shop: Shop) -> Any:
    """A payment of whose 249 dollars only one came in."""
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.at_stripe("POST", f"/v1/payment_intents/{intent['payment_intent_id']}", amount="100")
    await shop.pay(intent)
    await shop.confirm(intent)
    return booking, await shop.payment(booking)


async def test_parked_money_goes_back_when_staff_say_so(shop: Shop) -> None:
    booking, payment = await a_parked_payment(shop)
    assert (await resolve(shop, f"payments/{payment.id}", "refund")).status_code == 200
    await shop.work()
    after = await shop.payment(booking)
    assert (after.status, after.captured_cents, after.parked_at) == ("refunded", 100, None)
    assert shop.sandbox.state()["refunded_cents"] == 100
    assert await shop.broken() == []
    told = await shop.told()
    assert ("audit.recorded.v1" in told, "alert.cleared.v1" in told, "payment.succeeded.v1" in told) == (
        True,
        True,
        False,
    )
    assert (await shop.intent(booking))["amount_cents"] == TOTAL_CENTS


async def test_a_repeated_resolution_is_answered_as_before(shop: Shop) -> None:
    _, payment = await a_parked_payment(shop)
    headers = {"Idempotency-Key": "a-key-of-enough-characters"}
    first, again = [await resolve(shop, f"payments/{payment.id}", "refund", **headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await shop.refunds()) == 1


async def test_a_parked_payment_can_be_dismissed_or_compared_once_more(shop: Shop) -> None:
    booking, payment = await a_parked_payment(shop)
    path = f"payments/{payment.id}"
    assert (await resolve(shop, path, "retry")).status_code == 200
    await shop.service.run_job("reconcile")
    assert (await shop.payment(booking)).parked_at is not None
    assert (await resolve(shop, path, "dismiss")).json()["status"] == "failed"
    await shop.at_stripe("POST", "/v1/refunds", payment_intent=payment.stripe_payment_intent_id)
    for webhook in shop.webhooks("refund.created"):
        await shop.deliver(webhook)
    await shop.work()
    assert await shop.broken() == []
    again = await resolve(shop, path, "dismiss")
    assert (again.status_code, again.json()["error_code"]) == (409, "not_parked")


@pytest.mark.parametrize("is_dismissed", [False, True])
async def test_what_goes_back_of_money_that_was_never_counted_is_nothing_for_people(
    shop: Shop, is_dismissed: bool
) -> None:
    _, payment = await a_parked_payment(shop)
    if is_dismissed:
        await resolve(shop, f"payments/{payment.id}", "dismiss")
    told = await shop.told()
    await shop.at_stripe("POST", "/v1/refunds", payment_intent=payment.stripe_payment_intent_id)
    await shop.deliver(shop.webhooks("refund.created")[0])
    for _ in range(2):
        await shop.work()
        shop.later(hours=2)
    async with shop.service.as_caller(a_staff_member("refund_payments")) as client:
        listed = (await client.get("/api/staff/stripe-events/", params={"state": "ignored"})).json()
    assert [event["type"] for event in listed["results"]] == ["refund.created"]
    assert await shop.told() == told


async def test_who_may_not_refund_resolves_nothing(shop: Shop) -> None:
    _, payment = await a_parked_payment(shop)
    assert (await resolve(shop, f"payments/{payment.id}", "refund", "view_bookings")).status_code == 403


async def test_what_people_have_settled_stays_settled_whatever_is_told_again(shop: Shop) -> None:
    booking, payment = await a_parked_payment(shop)
    assert (await resolve(shop, f"payments/{payment.id}", "dismiss")).status_code == 200
    told = await shop.told()
    await shop.confirm({"payment_intent_id": payment.stripe_payment_intent_id, "client_secret": None})
    for webhook in shop.webhooks("payment_intent.succeeded"):
        await shop.deliver(webhook)
    await shop.service.run_job("compare-hours")
    shop.later(hours=2)
    await shop.service.run_job("compare-days")
    after = await shop.payment(booking)
    assert (after.status, after.parked_at, await shop.told()) == ("failed", None, told)


async def test_a_retry_asks_stripe_at_once_whatever_the_payment_was_before(shop: Shop) -> None:
    booking, payment = await a_parked_payment(shop)
    await change_payment(shop, status="cancelled")
    assert (await resolve(shop, f"payments/{payment.id}", "retry")).status_code == 200
    assert (await shop.payment(booking)).parked_at is not None
    await change_payment(shop, amount_cents=100)
    assert (await resolve(shop, f"payments/{payment.id}", "retry")).json()["status"] == "succeeded"
    assert (await shop.payment(booking)).parked_at is None


async def change_payment(shop: Shop, **values: Any) -> None:
    async with shop.service.database.transaction() as connection:
        await connection.execute(update(payments).values(values))


async def test_money_given_back_while_it_was_processing_leaves_nobody_waiting(shop: Shop) -> None:
    _, payment = await a_parked_payment(shop)
    await change_payment(shop, status="processing")
    assert (await resolve(shop, f"payments/{payment.id}", "refund")).status_code == 200
    assert [state.status for state in await shop.states()] == ["pending", "cancelled"]


async def test_what_people_type_is_in_no_log_that_can_not_forget(shop: Shop) -> None:
    booking, payment = await a_parked_payment(shop)
    assert (await resolve(shop, f"payments/{payment.id}", "dismiss")).status_code == 200
    assert (await shop.payment(booking)).resolution == REASON
    row = {"id": "evt_a", "type": "refund.created", "facts": {}, "received_at": payment.created_at}
    await shop.service.put(stripe_events, **row, next_try_at=payment.created_at, state="parked")
    assert (await resolve(shop, "stripe-events/evt_a", "drop")).status_code == 200
    logs = await shop.service.database.fetch_all(
        text("SELECT data::text FROM outbox UNION ALL SELECT to_jsonb(a)::text FROM payment_audit AS a")
    )
    assert not [row[0] for row in logs if REASON in row[0]]


async def test_a_parked_webhook_is_listed_retried_or_dropped(shop: Shop) -> None:
    now = shop.service.platform.clock()
    for name in ("evt_a", "evt_b"):
        row = {"id": name, "type": "refund.created", "facts": {"strange": 1}, "received_at": now, "next_try_at": now}
        await shop.service.put(stripe_events, **row, state="waiting")
    await shop.work()
    async with shop.service.as_caller(a_staff_member("refund_payments")) as client:
        listed = (await client.get("/api/staff/stripe-events/")).json()
    assert sorted(row["id"] for row in listed["results"]) == ["evt_a", "evt_b"]
    assert (await resolve(shop, "stripe-events/evt_a", "drop")).status_code == 200
    assert (await resolve(shop, "stripe-events/evt_b", "retry")).status_code == 200
    await shop.work()
    rows = await shop.service.database.fetch_all(select(stripe_events.c.state).order_by(stripe_events.c.id))
    assert [row.state for row in rows] == ["ignored", "parked"]
    assert (await resolve(shop, "stripe-events/evt_none", "drop")).status_code == 404


async def test_a_late_success_takes_the_place_of_a_payment_that_nobody_has_paid(shop: Shop) -> None:
    booking = a_booking()
    first = await shop.intent(booking)
    await change_payment(shop, status="failed", processed_at=shop.service.platform.clock())
    second = await shop.intent(booking)
    assert second["payment_intent_id"] != first["payment_intent_id"]
    await shop.pay(first)
    assert (await shop.confirm(first)).json()["payment_status"] == "succeeded"
    await shop.work()
    assert [payment.status for payment in await shop.payments(booking)] == ["succeeded", "cancelled"]
    assert "alert.raised.v1" not in await shop.told()
    assert (await shop.told()).count("payment.cancelled.v1") == 1
    assert await shop.broken() == []
