"""Many things at the same instant: one effect, and never neither."""

import asyncio
from typing import Any
from uuid import uuid4

from .browser import Browser, a_move
from .world import World

TWINS = 50
ROUNDS = 50


async def test_fifty_identical_posts_with_one_key_make_one_booking_and_one_intent(
    browser: Browser, world: World
) -> None:
    body, key = a_move(), uuid4().hex
    browsers = [Browser(world.stack) for _ in range(TWINS)]
    answers = await asyncio.gather(
        *(twin.post("/api/bookings/guest-booking/", body, **{"Idempotency-Key": key}) for twin in browsers)
    )
    await asyncio.gather(*(twin.http.aclose() for twin in browsers))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert len({answer["booking"]["id"] for answer in made}) == 1
    assert len({answer["payment_intent"]["client_secret"] for answer in made}) == 1
    email = body["customer_info"]["email"]
    assert await world.value("payments", "SELECT count(*) FROM billable_bookings WHERE email = %s", email) == 1
    query = "SELECT count(*) FROM payments WHERE booking_id = %s"
    assert await world.value("payments", query, made[0]["booking"]["id"]) == 1


async def test_fifty_bookings_at_once_get_fifty_numbers(world: World) -> None:
    browsers = [Browser(world.stack) for _ in range(TWINS)]
    booked = await asyncio.gather(*(one.book() for one in browsers))
    await asyncio.gather(*(one.http.aclose() for one in browsers))
    assert len({one.number for one in booked}) == TWINS


async def test_confirm_and_webhook_at_the_same_instant_pay_once(world: World) -> None:
    async def book_and_pay() -> str:
        async with Browser(world.stack) as visitor:
            booked = await visitor.book()
            await visitor.pay(booked.intent)
            answers = await asyncio.gather(*(visitor.confirm(booked.intent) for _ in range(3)))
            assert {answer.json()["payment_status"] for answer in answers} == {"succeeded"}
            await world.until_status(booked, "paid", timeout=60)
            return booked.number

    await world.sandbox("POST", "/webhooks", {"duplicates": 2, "shuffle_seconds": 0.2})
    numbers = await asyncio.gather(*(book_and_pay() for _ in range(ROUNDS)))
    await world.until_quiet()
    query = "SELECT status_history FROM bookings WHERE booking_number = ANY(%s)"
    histories = [row["status_history"] for row in await world.rows("booking", query, list(numbers))]
    assert [_times_paid(history) for history in histories] == [1] * ROUNDS
    confirmations = world.confirmations()
    assert [confirmations[number] for number in numbers] == [1] * ROUNDS


async def test_cancelling_against_paying_ends_booked_or_refunded(world: World) -> None:
    async def race() -> None:
        async with Browser(world.stack) as visitor:
            booked = await visitor.book()
            cancel = f"/api/bookings/booking-status/{booked.number}/cancel/"
            await asyncio.gather(
                visitor.pay(booked.intent), visitor.post(cancel, {"manage_token": booked.manage_token})
            )
            await world.until_status(booked, "cancelled", "paid", timeout=60)

            async def money_is_where_it_belongs() -> bool:
                kept = 0
                for intent in await world.intents_of(booked):
                    refunded = await world.value(
                        "payments",
                        "SELECT coalesce(sum(refunded_cents), 0) FROM payments WHERE booking_id = %s",
                        booked.id,
                    )
                    kept += intent["amount_received"] - int(refunded)
                wanted = booked.total_cents if await world.booking_status(booked) == "paid" else 0
                return bool(kept == wanted)

            await world.until(money_is_where_it_belongs, f"the money of {booked.number}", timeout=60)

    await asyncio.gather(*(race() for _ in range(ROUNDS)))


def _times_paid(history: list[dict[str, Any]]) -> int:
    return sum(change["to_status"] == "paid" for change in history)
