"""Every event may come again, late, in any order and several times: nothing changes."""

import asyncio
import random
from typing import Any

import aio_pika
import psycopg
import pytest
from shared.ids import new_id
from shared.messaging.envelope import encode
from shared.messaging.topology import EXCHANGE

from .browser import Browser
from .fingerprint import changes, settled
from .world import SERVICES, World

NEWEST = 150
TIMES = 3
_EVENTS = f"SELECT *, data::text AS data FROM outbox ORDER BY id DESC LIMIT {NEWEST}"
_AGAIN = f"UPDATE outbox SET published_at = NULL WHERE id IN (SELECT id FROM outbox ORDER BY id DESC LIMIT {NEWEST})"


@pytest.fixture
async def history(world: World, browser: Browser) -> World:
    """A guest's and a customer's bookings: one waits, two are paid, two are cancelled, one of them with a refund."""
    guests = [await browser.book() for _ in range(3)]
    await browser.register()
    customers = await browser.book_as_customer()
    for booked in (guests[1], guests[2], customers):
        await browser.pay(booked.intent)
        await world.until_status(booked, "paid")
    async with Browser(world.stack) as guest:
        path = f"/api/bookings/booking-status/{guests[2].number}/cancel/"
        assert (await guest.post(path, {"manage_token": guests[2].manage_token})).status_code == 200

    async def is_refunded() -> bool:
        query = "SELECT count(*) FROM refunds WHERE booking_id = %s AND status = 'succeeded'"
        return bool(await world.value("booking", query, guests[2].id))

    await world.until(is_refunded, "the refund")
    return world


async def events_of(world: World) -> list[tuple[str, dict[str, Any]]]:
    """The newest events of all services, with their publishers."""
    return [(service, row) for service in SERVICES for row in await world.rows(service, _EVENTS)]


async def publish(world: World, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Straight to the exchange, as the relays do but in the order given."""
    async with await aio_pika.connect(world.stack["infrastructure"]["rabbitmq"]["url"]) as connection:
        channel = await connection.channel(publisher_confirms=True)
        exchange = await channel.get_exchange(EXCHANGE)
        bodies = [(encode(service, row), row["type"]) for service, row in events]
        await asyncio.gather(*(exchange.publish(aio_pika.Message(body), routing_key=type) for body, type in bodies))


async def test_events_that_come_again_change_nothing(history: World) -> None:
    before = await settled(history)
    events = await events_of(history) * TIMES
    assert {row["type"] for _, row in events} >= {"booking.created.v1", "booking.paid.v1", "refund.succeeded.v1"}
    random.Random(7).shuffle(events)
    await publish(history, events)
    assert changes(before, await settled(history)) == {}


async def test_events_that_come_again_after_they_were_forgotten_change_nothing(history: World) -> None:
    without = frozenset({"inbox"})
    before = await settled(history, without)
    events = [(service, {**row, "event_id": new_id()}) for service, row in await events_of(history)]
    random.Random(8).shuffle(events)
    await publish(history, events)
    assert changes(before, await settled(history, without)) == {}


async def test_outboxes_that_are_published_anew_change_nothing(history: World) -> None:
    before = await settled(history)
    for service in SERVICES:
        async with await psycopg.AsyncConnection.connect(history.stack["databases"][service]) as connection:
            assert (await connection.execute(_AGAIN)).rowcount > 0
    assert changes(before, await settled(history)) == {}
    assert await history.parked() == 0
