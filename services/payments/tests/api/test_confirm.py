"""Confirming: only Stripe's word counts, and only those who may ask are told."""

from typing import Any

import pytest
from payments.commands.apply_payment_intent import ApplyPaymentIntent
from payments.domain.facts import IntentFacts
from shared.contracts.booking import BookingCancelled, BookingUpdated
from shared.contracts.payments import PaymentFailed, PaymentSucceeded
from shared.http.identity import Caller
from shared.testing.service import a_customer, a_staff_member

from ..factories import MANAGE_TOKEN, TOTAL_CENTS, Shop, a_booking, later


async def confirm(shop: Shop, caller: Caller, **body: object) -> tuple[int, dict[str, Any]]:
    async with shop.service.as_caller(caller) as client:
        answer = await client.post("/api/payments/confirm/", json=body)
        return answer.status_code, answer.json()


async def test_a_paid_intent_makes_the_booking_paid(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    answer = await shop.confirm(intent)
    assert answer.json() == {"payment_status": "succeeded", "booking_status": "paid"}
    (event,) = await shop.service.events(PaymentSucceeded)
    assert event.payment.captured_cents == TOTAL_CENTS
    assert event.payment.stripe_charge_id


async def test_confirming_twice_changes_nothing(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    first, second = await shop.confirm(intent), await shop.confirm(intent)
    assert first.json() == second.json()
    assert (await shop.told()).count("payment.succeeded.v1") == 1


async def test_an_unpaid_intent_stays_pending_whatever_the_browser_says(shop: Shop) -> None:
    intent = await shop.intent(a_booking())
    answer = await shop.confirm(intent)
    assert answer.json() == {"payment_status": "pending", "booking_status": "pending"}


async def test_a_declined_card_leaves_the_payment_pending_with_the_reason(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent, "pm_card_chargeDeclinedInsufficientFunds")
    assert (await shop.confirm(intent)).json() == {"payment_status": "pending", "booking_status": "pending"}
    (event,) = await shop.service.events(PaymentFailed)
    assert event.payment.status == "pending"
    assert event.payment.failure_reason == "The card has insufficient funds."


async def test_a_payment_that_waits_for_a_card_again_is_told_of_so_that_its_booking_may_expire(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    intent = await shop.intent(a_booking())
    await shop.pay(intent, "pm_card_processing")
    await shop.confirm(intent)
    waiting = IntentFacts(intent["payment_intent_id"], "requires_action", TOTAL_CENTS, 0, "usd")
    await shop.service.commands.execute(ApplyPaymentIntent(waiting))
    assert [state.status for state in await shop.states()] == ["pending", "processing", "pending"]


async def test_another_card_follows_on_the_same_intent(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    for card in ("pm_card_chargeDeclined", "pm_card_chargeDeclined", "pm_card_visa"):
        await shop.pay(intent, card)
        await shop.confirm(intent)
    failed, succeeded = "payment.failed.v1", "payment.succeeded.v1"
    assert await shop.told() == ["payment.created.v1", failed, failed, succeeded]
    assert (await shop.payment(booking)).failure_reason == ""


async def test_a_bank_that_takes_its_time_is_processing(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent, "pm_card_processing")
    assert (await shop.confirm(intent)).json()["payment_status"] == "processing"
    assert "payment.processing.v1" in await shop.told()


async def test_a_stranger_needs_the_secret(shop: Shop) -> None:
    intent = await shop.intent(a_booking())
    named = {"payment_intent_id": intent["payment_intent_id"]}
    assert (await confirm(shop, a_customer(), **named))[0] == 404
    status, body = await confirm(shop, Caller(), **named)
    assert (status, body["field_errors"]) == (400, {"client_secret": ["This field is required."]})


async def test_a_wrong_secret_is_as_unknown_as_a_wrong_intent(shop: Shop) -> None:
    intent = await shop.intent(a_booking())
    wrong = await shop.confirm({**intent, "client_secret": "pi_x_secret_y"})
    unknown = await shop.confirm({**intent, "payment_intent_id": "pi_unknown"})
    assert wrong.status_code == unknown.status_code == 404
    assert wrong.json()["error"] == unknown.json()["error"]


async def test_owner_and_staff_need_no_secret(shop: Shop) -> None:
    owner = a_customer()
    intent = await shop.intent(a_booking(customer_id=owner.id))
    for caller in (owner, a_staff_member("view_bookings")):
        assert (await confirm(shop, caller, payment_intent_id=intent["payment_intent_id"]))[0] == 200


async def test_who_came_to_own_a_guests_booking_needs_no_secret_either(shop: Shop) -> None:
    ada, booking = a_customer(), a_booking()
    intent = await shop.intent(booking)
    await shop.service.receive(BookingUpdated(booking=later(booking, customer_id=ada.id)))
    for caller, status in ((ada, 200), (a_customer(), 404)):
        assert (await confirm(shop, caller, payment_intent_id=intent["payment_intent_id"]))[0] == status


async def test_a_payment_for_a_cancelled_booking_does_not_make_it_paid(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await shop.pay(intent)
    await shop.service.receive(BookingCancelled(booking=later(booking, status="cancelled")))
    assert (await shop.confirm(intent)).json() == {"payment_status": "succeeded", "booking_status": "cancelled"}


@pytest.mark.parametrize("intent_id", ["", "pi_", "ch_123", "pi_\u0000", "pi_../../x", 7, None, "pi_x\n"])
async def test_a_strange_intent_is_a_field_error_or_unknown(shop: Shop, intent_id: object) -> None:
    status, body = await confirm(shop, a_customer(), payment_intent_id=intent_id)
    assert status in (400, 404)
    assert status == 404 or "payment_intent_id" in body["field_errors"]


async def test_the_holder_sees_how_the_payment_stands(shop: Shop) -> None:
    booking = a_booking()
    await shop.paid(booking)
    path = f"/api/payments/status/{booking.booking_number}/"
    async with shop.service.as_caller() as anonymous:
        answer = await anonymous.get(path, params={"token": MANAGE_TOKEN})
        wrong, missing = await anonymous.get(path, params={"token": "wrong"}), await anonymous.get(path)
    assert answer.json()["payment_status"] == "succeeded"
    assert answer.json()["paid_cents"] == answer.json()["amount_cents"] == TOTAL_CENTS
    assert (wrong.status_code, missing.status_code) == (404, 404)


async def test_before_the_first_attempt_there_is_no_payment(shop: Shop) -> None:
    owner = a_customer()
    booking = a_booking(customer_id=owner.id)
    await shop.service.receive(BookingCancelled(booking=later(booking, status="cancelled")))
    async with shop.service.as_caller(owner) as client:
        answer = await client.get(f"/api/payments/status/{booking.booking_number}/")
    assert (answer.json()["payment_status"], answer.json()["booking_status"]) == ("none", "cancelled")
