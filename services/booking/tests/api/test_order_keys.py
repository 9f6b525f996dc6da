"""Orders with an `Idempotency-Key`: one effect, one answer, and no secret in the database."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from booking.adapters.tables import bookings
from shared.contracts.booking import BookingCreated
from shared.db.tables import idempotency_keys
from shared.http.identity import Caller
from shared.testing.service import MovableClock, RunningService, a_customer
from sqlalchemy import func, select, update

from ..factories import a_customers_order, an_order, quoted
from ..other_services import OtherServices

KEY = "3f1c2b5e-0000-4000-8000-000000000001"
GUEST = "/api/bookings/guest-booking/"
CUSTOMER = "/api/customers/bookings/create/"


async def post(
    service: RunningService, body: Any = None, path: str = GUEST, caller: Caller = Caller(), key: str = KEY
) -> Any:
    async with service.as_caller(caller, **{"Idempotency-Key": key}) as client:
        return await client.post(path, json=an_order() if body is None else body)


async def count(service: RunningService) -> int:
    row = await service.database.fetch_one(select(func.count()).select_from(bookings))
    assert row is not None
    return int(row[0])


async def test_the_same_order_again_gives_the_first_answer_again(
    service: RunningService, others: OtherServices
) -> None:
    first, again = await post(service), await post(service)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    fresh = again.json()
    assert fresh["payment_intent"].pop("client_secret") == "pi_1_secret_2"
    expected = first.json()
    del expected["payment_intent"]["client_secret"]
    assert fresh == expected
    assert len(await service.events(BookingCreated)) == 1


async def test_fifty_identical_orders_at_once_make_one_booking(service: RunningService, others: OtherServices) -> None:
    answers = await asyncio.gather(*(post(service) for _ in range(50)))
    assert [answer.status_code for answer in answers] == [201] * 50
    assert len({answer.json()["booking"]["id"] for answer in answers}) == 1
    assert (await count(service), len(others.intents)) == (1, 1)
    assert len(await service.events(BookingCreated)) == 1


async def test_another_body_with_the_same_key_is_refused(service: RunningService) -> None:
    await post(service)
    answer = await post(service, an_order(special_instructions="other"))
    assert (answer.status_code, answer.json()["error_code"]) == (422, "idempotency_key_reused")


async def test_keys_belong_to_their_caller_and_path(service: RunningService) -> None:
    ada, grace = a_customer(), a_customer()
    order = a_customers_order()
    answers = [
        await post(service, order, CUSTOMER, ada),
        await post(service, order, CUSTOMER, grace),
        await post(service),
    ]
    assert len({answer.json()["booking"]["id"] for answer in answers}) == 3


async def break_off(service: RunningService) -> None:
    """As if the process had died before it could answer, a while ago."""
    unanswered = {"response_status": None, "response_body": None, "leased_until": datetime(2026, 1, 1, tzinfo=UTC)}
    async with service.database.transaction() as connection:
        await connection.execute(update(idempotency_keys).values(unanswered))


async def test_a_try_that_broke_off_is_taken_up_again(service: RunningService, others: OtherServices) -> None:
    first = await post(service)
    await break_off(service)
    again = await post(service)
    assert again.status_code == 201
    assert again.json()["booking"]["id"] == first.json()["booking"]["id"]
    assert (await count(service), len(others.intents)) == (1, 1)


async def test_a_booking_whose_answer_was_lost_stands_when_its_quote_is_over(
    service: RunningService, others: OtherServices, clock: MovableClock
) -> None:
    async with service.as_caller() as client:
        quote = (await client.post("/api/bookings/pricing-preview/", json=quoted(an_order()))).json()
    order = an_order(quote_token=quote["quote_token"])
    first = await post(service, order)
    await break_off(service)
    clock.now += timedelta(minutes=16)
    again = await post(service, order)
    assert again.status_code == 201, again.text
    assert again.json()["booking"]["id"] == first.json()["booking"]["id"]
    assert (await post(service, order)).headers["Idempotency-Replayed"] == "true"
    assert (await count(service), len(others.intents)) == (1, 1)


async def test_a_booking_whose_answer_was_lost_stands_when_its_day_is_over(
    service: RunningService, clock: MovableClock
) -> None:
    first = await post(service)
    await break_off(service)
    clock.now += timedelta(days=30)
    assert (await post(service)).json()["booking"]["id"] == first.json()["booking"]["id"]


async def test_a_replay_gets_the_intent_that_was_missing(service: RunningService, others: OtherServices) -> None:
    others.failing = "error"
    assert (await post(service)).json()["payment_error"] == "payment_unavailable"
    others.failing = ""
    again = (await post(service)).json()
    assert again["payment_intent"]["client_secret"] == "pi_1_secret_2"
    assert "payment_error" not in again


async def test_a_replay_without_payments_has_no_secret(service: RunningService, others: OtherServices) -> None:
    await post(service)
    others.failing = "error"
    assert (await post(service)).json()["payment_intent"]["client_secret"] is None


async def test_wrong_fields_do_not_use_a_key_up(service: RunningService) -> None:
    assert (await post(service, an_order(details={"item_count": 99}))).status_code == 400
    assert (await post(service)).status_code == 201


async def test_a_refused_price_is_an_answer_too(service: RunningService) -> None:
    order = an_order(expected_total_cents=100)
    first, again = await post(service, order), await post(service, order)
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.json() == first.json()


async def test_no_secret_is_stored(service: RunningService) -> None:
    body = (await post(service)).json()
    rows = await service.database.fetch_all(select(idempotency_keys))
    rows += await service.database.fetch_all(select(bookings))
    text = "".join(str(row) for row in rows)
    assert body["booking"]["id"] in text
    assert body["manage_token"] not in text
    assert "secret" not in text.replace("client_secret", "")


async def test_a_malformed_key_is_refused(service: RunningService) -> None:
    assert "Idempotency-Key" in (await post(service, key="short")).json()["field_errors"]
