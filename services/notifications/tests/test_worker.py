import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from notifications.adapters.tables import bookings, messages
from notifications.domain.times import local_moment
from notifications.service import SERVICE
from shared.clock import BUSINESS_TIMEZONE, Clock, utc_now
from shared.contracts.base import Event
from shared.contracts.booking import BookingConfirmed, BookingEvent, BookingPaid, BookingRescheduled
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.db.tables import heartbeats, inbox, outbox
from shared.messaging import broker
from shared.messaging.broker import connect, publishing_channel
from shared.messaging.envelope import encode, outbox_row
from shared.messaging.operations import declare_queues
from shared.messaging.topology import declare_exchange
from shared.testing.plugin import DatabaseFactory
from shared.testing.waiting import wait_until_async
from shared.worker import Worker
from sqlalchemy import Row, select

TRACE = "0af7651916cd43dd8448eb211c80319c"


def from_noon_on() -> Clock:
    """A clock that goes on from noon in New York, when nothing falls due by itself: no run sheet and no reminder."""
    noon = local_moment(utc_now().astimezone(BUSINESS_TIMEZONE).date(), time(12), BUSINESS_TIMEZONE)
    ahead = noon - utc_now()
    return lambda: utc_now() + ahead


@pytest.fixture
async def database(
    database_factory: DatabaseFactory, rabbitmq_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, patience: float
) -> AsyncIterator[Database]:
    """The database of a worker that runs for the test."""
    monkeypatch.setattr(broker, "CONNECT_TIMEOUT_SECONDS", patience)
    url = database_factory("notifications", lambda template: migrate(template, SERVICE.migrations) and None)
    for name in (SERVICE.name, "booking"):  # booking hears what was sent
        await declare_queues(name, rabbitmq_url)
    settings = SERVICE.settings(debug=True, database_url=url, rabbitmq_url=rabbitmq_url, mailbox_dir=folder, port=0)
    platform = SERVICE.platform(settings, from_noon_on())
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(SERVICE, platform, SERVICE.compose(platform)).run(stop))
    reading = Database(url)
    yield reading
    await reading.close()
    stop.set()
    await worker


async def publish(rabbitmq_url: str, event: Event, happened_at: datetime | None = None) -> None:
    row = outbox_row(event, version=2, ordinal=0, now=happened_at or utc_now())
    trace = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "correlationid": "request-7"}
    body = encode("booking", row | {"trace_context": trace})
    connection = await connect(rabbitmq_url, "test")
    async with connection, publishing_channel(connection) as channel:
        exchange = await declare_exchange(channel)
        await exchange.publish(aio_pika.Message(body), routing_key=event.type)


def all_sent(database: Database) -> Callable[[], Awaitable[Sequence[Row[Any]]]]:
    """Asks for the messages, once there are some and the broker has heard of each."""
    told = select(outbox.c.aggregate_id).where(outbox.c.published_at.is_not(None))

    async def look() -> Sequence[Row[Any]]:
        heard = {row.aggregate_id for row in await database.fetch_all(told)}
        written = await database.fetch_all(select(messages.c.id))
        return written if {row.id for row in written} == heard else ()

    return look


async def test_a_paid_booking_becomes_an_email_and_a_published_event_in_the_same_trace(
    database: Database, rabbitmq_url: str, folder: Path, patience: float, a_booking: Callable[..., Any]
) -> None:
    event = BookingPaid(booking=a_booking(status="paid", version=2), paid_cents=546638)
    for _ in range(3):
        await publish(rabbitmq_url, event)

    async def taken_in() -> bool:
        return len(await database.fetch_all(select(inbox))) == 3

    await wait_until_async(taken_in, patience, "all that was published")

    written = await wait_until_async(all_sent(database), patience, "every message sent, and told at the broker")
    assert len(written) == 2, "one to the customer, one to the office"
    assert {f"{row.id}.eml" for row in written} == {file.name for file in folder.iterdir()}  # noqa: ASYNC240
    for told in await database.fetch_all(select(outbox)):
        assert told.type == "message.sent.v1"
        assert told.trace_context["traceparent"].split("-")[1] == TRACE
        assert told.trace_context["correlationid"] == "request-7"


async def test_an_event_that_waited_tells_since_when_a_move_is_known(
    database: Database, rabbitmq_url: str, patience: float, a_booking: Callable[..., Any]
) -> None:
    booking, moved_at = a_booking(status="confirmed", version=2), utc_now() - timedelta(hours=7)
    window = {"previous_window_start": booking.window_start, "previous_window_end": booking.window_end}
    later = booking.model_copy(update={"version": 3, "window_start": booking.window_start + timedelta(days=1)})
    moved = BookingRescheduled(booking=later, previous_pickup_date=booking.pickup_date, **window)

    async def version() -> int:
        row = await database.fetch_one(select(bookings.c.version))
        return row.version if row else 0

    for event in (BookingConfirmed(booking=booking), moved):
        await publish(rabbitmq_url, event, moved_at)

        async def is_kept(event: BookingEvent = event) -> bool:
            return await version() == event.booking.version

        await wait_until_async(is_kept, patience, "the copy of the booking")
    row = await database.fetch_one(select(bookings.c.upcoming_since))
    assert row is not None
    assert row.upcoming_since == moved_at


async def test_the_sender_leaves_its_heartbeat(database: Database, patience: float) -> None:
    async def has_beaten() -> bool:
        row = await database.fetch_one(select(heartbeats).where(heartbeats.c.name == "sender"))
        return row is not None and row.last_success_at is not None

    await wait_until_async(has_beaten, patience, "the sender's heartbeat")
