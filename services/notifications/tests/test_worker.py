import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from notifications.adapters.tables import messages
from notifications.service import SERVICE
from shared.clock import utc_now
from shared.contracts.base import Event
from shared.contracts.booking import BookingPaid
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.db.tables import heartbeats, outbox
from shared.messaging.broker import connect, publishing_channel
from shared.messaging.envelope import encode, outbox_row
from shared.messaging.operations import declare_queues
from shared.messaging.topology import declare_exchange
from shared.testing.plugin import DatabaseFactory
from shared.testing.waiting import wait_until_async
from shared.worker import Worker
from sqlalchemy import Row, select

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
async def database(database_factory: DatabaseFactory, rabbitmq_url: str, folder: Path) -> AsyncIterator[Database]:
    """The database of a worker that runs for the test."""
    url = database_factory("notifications", lambda template: migrate(template, SERVICE.migrations) and None)
    for name in (SERVICE.name, "booking"):  # booking hears what was sent
        await declare_queues(name, rabbitmq_url)
    settings = SERVICE.settings(debug=True, database_url=url, rabbitmq_url=rabbitmq_url, mailbox_dir=folder, port=0)
    platform = SERVICE.platform(settings)
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(SERVICE, platform, SERVICE.compose(platform)).run(stop))
    reading = Database(url)
    yield reading
    await reading.close()
    stop.set()
    await worker


async def publish(rabbitmq_url: str, event: Event) -> None:
    row = outbox_row(event, version=2, ordinal=0, now=utc_now())
    trace = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "correlationid": "request-7"}
    body = encode("booking", row | {"trace_context": trace})
    connection = await connect(rabbitmq_url, "test")
    async with connection, publishing_channel(connection) as channel:
        exchange = await declare_exchange(channel)
        await exchange.publish(aio_pika.Message(body), routing_key=event.type)


async def test_a_paid_booking_becomes_an_email_and_a_published_event_in_the_same_trace(
    database: Database, rabbitmq_url: str, folder: Path, a_booking: Callable[..., Any]
) -> None:
    event = BookingPaid(booking=a_booking(status="paid", version=2), paid_cents=546638)
    for _ in range(3):
        await publish(rabbitmq_url, event)

    about_it = outbox.c.data["message"]["booking_id"].astext == str(
        event.booking.id
    )  # and not the run sheet of the hour

    async def published() -> Row[Any] | None:
        return await database.fetch_one(select(outbox).where(outbox.c.published_at.is_not(None), about_it))

    sent = await wait_until_async(published, what="message.sent at the broker", timeout=30)
    assert sent is not None
    assert sent.type == "message.sent.v1"
    assert sent.trace_context["traceparent"].split("-")[1] == TRACE
    assert sent.trace_context["correlationid"] == "request-7"
    written = await database.fetch_all(select(messages.c.id).where(messages.c.booking_id == event.booking.id))
    assert len(written) == 2, "one to the customer, one to the office"
    assert {f"{row.id}.eml" for row in written} <= {file.name for file in folder.iterdir()}  # noqa: ASYNC240


async def test_the_sender_leaves_its_heartbeat(database: Database) -> None:
    async def has_beaten() -> bool:
        row = await database.fetch_one(select(heartbeats).where(heartbeats.c.name == "sender"))
        return row is not None and row.last_success_at is not None

    await wait_until_async(has_beaten, what="the sender's heartbeat", timeout=30)
