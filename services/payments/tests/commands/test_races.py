"""Races, by real parallel calls on a real database, against a real other side."""

import asyncio
from typing import Any

import pytest
from payments.adapters.tables import ledger_entries
from shared.contracts.booking import BookingCancelled
from shared.contracts.payments import PaymentSucceeded, RefundCreated
from shared.testing.service import a_staff_member
from shared.testing.waiting import wait_until_async
from sqlalchemy import func, select, text

from ..factories import TOTAL_CENTS, Shop, a_booking, later


@pytest.mark.parametrize("round_", range(5))
async def test_confirm_and_webhook_at_the_same_instant_pay_once(shop: Shop, round_: int) -> None:
    bookings = [a_booking() for _ in range(10)]
    intents = [await shop.intent(booking) for booking in bookings]
    for intent in intents:
        await shop.pay(intent)
    webhooks = shop.receiver.arrivals("payment_intent.succeeded", at_least=len(intents))
    answers = await asyncio.gather(*map(shop.confirm, intents), *map(shop.deliver, webhooks))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await shop.service.events(PaymentSucceeded)) == len(bookings)
    assert [(await shop.payment(booking)).status for booking in bookings] == ["succeeded"] * len(bookings)


async def test_50_tellings_of_one_success_are_one_success(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    webhook = shop.webhooks("payment_intent.succeeded")[0]
    calls = [shop.confirm(intent) for _ in range(25)] + [shop.deliver(webhook) for _ in range(25)]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    assert len(await shop.service.events(PaymentSucceeded)) == 1
    entries = await shop.service.database.fetch_all(select(ledger_entries.c.amount_cents))
    assert sorted(entry.amount_cents for entry in entries) == [-TOTAL_CENTS, TOTAL_CENTS]
    assert (await shop.payment(booking)).captured_cents == TOTAL_CENTS


async def test_cancel_against_success_leaves_no_money_without_a_booking(shop: Shop) -> None:
    """Whichever is first at Stripe decides; we end with what Stripe says, and a success is told to booking."""
    bookings = [a_booking() for _ in range(20)]
    intents = [await shop.intent(booking) for booking in bookings]
    cancelled = [BookingCancelled(booking=later(booking, status="cancelled")) for booking in bookings]

    async def cancel(event: BookingCancelled) -> None:
        await shop.service.receive(event)
        await shop.work()

    await asyncio.gather(*map(shop.pay, intents), *map(cancel, cancelled))

    async def are_over() -> list[Any]:
        shop.later(seconds=30)
        await shop.work()
        payments = [await shop.payment(booking) for booking in bookings]
        return payments if {payment.status for payment in payments} <= {"cancelled", "succeeded"} else []

    payments = await wait_until_async(are_over, 120, "every payment to be cancelled or to have succeeded")
    succeeded = [payment for payment in payments if payment.status == "succeeded"]
    assert len(succeeded) == shop.sandbox.state()["payment_intents"].get("succeeded", 0)
    assert len(await shop.service.events(PaymentSucceeded)) == len(succeeded)


async def test_refunds_at_the_same_instant_never_exceed_the_payment(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    staff, path = a_staff_member("refund_payments"), f"/api/staff/payments/{payment.id}/refunds/"
    body = {"amount_cents": 10_000, "reason": "late"}
    async with shop.service.as_caller(staff) as client:
        answers = await asyncio.gather(*(client.post(path, json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [400] * 8
    await shop.work()
    assert shop.sandbox.state()["refunded_cents"] == 20_000
    assert sum(event.refund.amount_cents for event in await shop.service.events(RefundCreated)) == 20_000  # type: ignore[attr-defined]


async def test_a_refund_is_decided_after_the_one_before_it(shop: Shop) -> None:
    """Two are held up at the payment, so that both begin before either is decided."""
    payment = await shop.paid(a_booking())
    path, body = f"/api/staff/payments/{payment.id}/refunds/", {"amount_cents": TOTAL_CENTS, "reason": "late"}
    blocked = text("SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0")
    database = shop.service.database

    async def are_held_up() -> bool:
        row = await database.fetch_one(blocked)
        return row is not None and row[0] == 2

    async with shop.service.as_caller(a_staff_member("refund_payments")) as client:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1 FROM payments WHERE id = :id FOR UPDATE"), {"id": payment.id})
            asked = [asyncio.create_task(client.post(path, json=body)) for _ in range(2)]
            await wait_until_async(are_held_up, 30, "both to wait")
        answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [refund.amount_cents for refund in await shop.refunds()] == [TOTAL_CENTS]


async def test_one_request_of_booking_is_one_refund(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    request_id = await shop.request_refund(payment.id)
    await asyncio.gather(*(shop.repeat_refund(request_id, payment.id) for _ in range(10)), shop.work(), shop.work())
    assert [refund.amount_cents for refund in await shop.refunds()] == [TOTAL_CENTS]
    assert shop.sandbox.state()["refunded_cents"] == TOTAL_CENTS


async def test_the_same_errands_by_two_workers_are_done_once(shop: Shop) -> None:
    bookings = [a_booking() for _ in range(6)]
    for booking in bookings:
        await shop.request_refund((await shop.paid(booking)).id)
    await asyncio.gather(shop.work(), shop.work(), shop.work())
    assert {refund.status for refund in await shop.refunds()} == {"succeeded"}
    assert shop.sandbox.state()["refunded_cents"] == TOTAL_CENTS * len(bookings)
    total = await shop.service.database.fetch_one(select(func.sum(ledger_entries.c.amount_cents)))
    assert total is not None
    assert total[0] == 0
    proof = await shop.proof()
    assert proof["ok"], proof
