"""Intents: one per booking, for the right amount, with a secret that is nowhere stored."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from shared.contracts.booking import BookingCancelled, BookingCreated, BookingExpired, BookingPaid
from shared.contracts.payments import PaymentCreated
from shared.db.sight import noting_round_trips
from shared.ids import new_id
from shared.testing.service import MovableClock, a_customer
from sqlalchemy import text

from ..factories import MANAGE_TOKEN, TOTAL_CENTS, Shop, a_booking, later

KEY = {"Idempotency-Key": "a-key-of-enough-characters"}


async def create(shop: Shop, headers: dict[str, str] | None = None, **body: object) -> httpx.Response:
    async with shop.service.as_caller() as client:
        return await client.post("/api/payments/create-intent/", json=body, headers=headers)


async def test_booking_gets_an_intent_for_its_total(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    assert intent["amount_cents"] == TOTAL_CENTS
    assert intent["status"] == "requires_payment_method"
    assert intent["client_secret"].startswith(intent["payment_intent_id"])
    (event,) = await shop.service.events(PaymentCreated)
    assert event.payment.status == "pending"
    assert event.payment.stripe_payment_intent_id == intent["payment_intent_id"]


async def test_an_intent_takes_six_round_trips_and_the_copy_of_its_booking_one(shop: Shop) -> None:
    booking = a_booking()
    with noting_round_trips() as trips:
        await shop.intent(booking)
    assert len(trips) == 6, trips
    with noting_round_trips() as trips:
        await shop.service.receive(BookingCreated(booking=booking))
    assert len(trips) == 1, trips


async def test_the_intent_at_stripe_names_our_payment(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    found = shop.sandbox.control("GET", f"/payment_intents?metadata[booking_id]={booking.id}")["data"]
    assert [one["metadata"]["payment_id"] for one in found] == [intent["payment_id"]]
    assert found[0]["metadata"]["app"] == "totetaxi"


async def test_an_open_intent_is_returned_again(shop: Shop) -> None:
    booking = a_booking()
    assert await shop.intent(booking) == await shop.intent(booking)
    assert shop.sandbox.state()["payment_intents"] == {"requires_payment_method": 1}


async def test_50_calls_at_once_make_one_intent(shop: Shop) -> None:
    booking = a_booking()
    answers = await asyncio.gather(*(shop.open(booking) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert len({answer.json()["payment_intent_id"] for answer in answers if answer.status_code == 200}) == 1
    assert shop.sandbox.state()["payment_intents"] == {"requires_payment_method": 1}
    assert len(await shop.payments(booking)) == 1


async def test_no_secret_is_ever_stored(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    await create(shop, KEY, booking_id=str(booking.id), amount_cents=TOTAL_CENTS)
    await shop.pay(intent)
    for webhook in shop.webhooks("payment_intent.succeeded"):
        await shop.deliver(webhook)
    for table in ("payments", "payment_audit", "stripe_events", "outbox", "idempotency_keys"):
        rows = await shop.service.database.fetch_all(text(f"SELECT row_to_json(t)::text FROM {table} AS t"))
        assert rows
        assert not any(intent["client_secret"] in row[0] for row in rows)


async def test_a_paid_booking_gets_no_further_intent(shop: Shop) -> None:
    booking = a_booking()
    await shop.paid(booking)
    answer = await shop.open(booking)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "already_paid")


@pytest.mark.parametrize("status", ["cancelled", "expired"])
async def test_a_closed_booking_gets_no_intent(shop: Shop, status: str) -> None:
    answer = await shop.open(a_booking(status=status))
    assert (answer.status_code, answer.json()["error_code"]) == (409, "booking_not_payable")


@pytest.mark.parametrize("total", [0, 49])
async def test_what_no_card_can_be_charged_for_gets_no_intent(shop: Shop, total: int) -> None:
    booking = a_booking()
    cheap = booking.model_copy(update={"prices": booking.prices.model_copy(update={"total_price_cents": total})})
    assert (await shop.open(cheap)).json()["error_code"] == "booking_not_payable"


async def test_an_older_copy_does_not_bring_a_cancelled_booking_back(shop: Shop) -> None:
    booking = a_booking()
    await shop.service.receive(BookingCancelled(booking=later(booking, status="cancelled")))
    assert (await shop.open(booking)).status_code == 409


async def test_only_services_reach_internal_routes(shop: Shop) -> None:
    async with shop.service.as_caller(a_customer()) as client:
        answer = await client.post("/internal/payment-intents", json={})
    assert answer.status_code == 403


async def test_a_browser_gets_the_intent_again(shop: Shop) -> None:
    booking = a_booking()
    intent = await shop.intent(booking)
    answer = await create(shop, booking_id=str(booking.id), amount_cents=TOTAL_CENTS)
    assert answer.status_code == 200
    assert answer.json() == {name: intent[name] for name in ("client_secret", "payment_intent_id", "amount_cents")}


async def test_a_booking_made_just_now_is_on_its_way_and_an_old_unknown_one_is_not_found(
    shop: Shop, clock: MovableClock
) -> None:
    wanted = {"booking_id": str(new_id()), "amount_cents": TOTAL_CENTS}
    fresh = await create(shop, **wanted)
    assert (fresh.status_code, fresh.json()["error_code"]) == (503, "booking_on_its_way")
    assert fresh.headers["Retry-After"] == "1"
    clock.now += timedelta(minutes=11)
    assert (await create(shop, **wanted)).status_code == 404


async def test_a_number_needs_its_manage_token(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    named = {"booking_number": booking.booking_number, "amount_cents": TOTAL_CENTS}
    assert (await create(shop, **named)).status_code == 400
    assert (await create(shop, **named, manage_token="wrong")).status_code == 404
    assert (await create(shop, **named, manage_token=MANAGE_TOKEN)).status_code == 200


async def test_a_number_is_known_however_it_is_typed_and_what_is_none_is_told_in_words(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    wanted = {"amount_cents": TOTAL_CENTS, "manage_token": MANAGE_TOKEN}
    assert (await create(shop, **wanted, booking_number=booking.booking_number.lower())).status_code == 200
    refused = await create(shop, **wanted, booking_number="20261123")
    sentence = "Enter a booking number such as TT-20261123-0001."
    assert (refused.status_code, refused.json()["field_errors"]) == (400, {"booking_number": [sentence]})


async def test_the_amount_must_be_the_total_due(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    answer = await create(shop, booking_id=str(booking.id), amount_cents=100)
    assert answer.status_code == 400
    assert "amount_cents" in answer.json()["field_errors"]
    assert answer.json()["total_due_cents"] == TOTAL_CENTS


@pytest.mark.parametrize("amount", [0, -1, 24900.0, "24900", True, 10**9, None])
async def test_a_strange_amount_is_a_field_error(shop: Shop, amount: object) -> None:
    answer = await create(shop, booking_id=str(a_booking().id), amount_cents=amount)
    assert answer.status_code == 400
    assert "amount_cents" in answer.json()["field_errors"]


async def test_a_key_brings_the_first_answer_again(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    body = {"booking_id": str(booking.id), "amount_cents": TOTAL_CENTS}
    first, second = await create(shop, KEY, **body), await create(shop, KEY, **body)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    other = await create(shop, KEY, **{**body, "amount_cents": 100})
    assert (other.status_code, other.json()["error_code"]) == (422, "idempotency_key_reused")


async def test_a_refusal_is_remembered_under_its_key(shop: Shop) -> None:
    booking = a_booking()
    await shop.service.receive(BookingExpired(booking=later(booking, status="expired")))
    body = {"booking_id": str(booking.id), "amount_cents": TOTAL_CENTS}
    first, second = await create(shop, KEY, **body), await create(shop, KEY, **body)
    assert (first.status_code, second.status_code) == (409, 409)
    assert second.json()["error_code"] == "booking_not_payable"
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_a_key_goes_on_when_stripe_is_back(shop: Shop) -> None:
    booking = a_booking()
    shop.sandbox.fault("reset", path="/v1/payment_intents", when="before", count=2)
    assert (await shop.open(booking)).status_code == 503
    body = {"booking_id": str(booking.id), "amount_cents": TOTAL_CENTS}
    answer = await create(shop, KEY, **body)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "payment_unavailable")
    assert (await create(shop, KEY, **body)).status_code == 200


async def test_a_booking_paid_otherwise_is_paid(shop: Shop) -> None:
    booking = a_booking()
    await shop.service.receive(BookingPaid(booking=later(booking, status="paid"), paid_cents=TOTAL_CENTS))
    answer = await create(shop, booking_id=str(booking.id), amount_cents=TOTAL_CENTS)
    assert answer.json()["error_code"] == "already_paid"


async def test_what_has_not_been_paid_in_time_can_not_be_paid_any_more(shop: Shop) -> None:
    ends = shop.service.platform.clock() + timedelta(minutes=1)
    booking = a_booking(expires_at=ends)
    intent = await shop.intent(booking)
    shop.later(minutes=1)
    answer = await shop.open(booking)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "booking_not_payable")
    assert answer.json()["booking_status"] == "pending"
    assert intent["amount_cents"] == TOTAL_CENTS
