"""A probe service: it counts the effects of the events it hears, on a real database and a real broker."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import aio_pika
import pytest
from shared.clock import utc_now
from shared.commands import Commands
from shared.contracts.booking import AlertRaised
from shared.db.engine import Database, driver_url
from shared.db.migrations import migrate
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import encode, outbox_row
from shared.messaging.relay import Relay
from shared.messaging.topology import EXCHANGE, declare_service
from shared.testing.servers import RabbitServer
from shared.testing.waiting import wait_until_async
from sqlalchemy import create_engine, text

SERVICE = "booking"
HEARD_EVENT = AlertRaised


@dataclass(frozen=True)
class Raise:
    """The use case that records events: `versions` of one alert."""

    alert_id: UUID
    versions: tuple[int, ...]


@dataclass(frozen=True)
class Note:
    """The use case that an event becomes: one effect."""

    key: str


async def raise_alerts(command: Raise, uow: UnitOfWork) -> None:
    for version in command.versions:
        uow.record(an_alert(str(version), command.alert_id), version)


def an_alert(key: str = "probe", alert_id: UUID | None = None) -> AlertRaised:
    return AlertRaised(alert_id=alert_id or new_id(), key=key, message="Look at this.")


def wire(event: AlertRaised, event_id: UUID | None = None) -> bytes:
    """The event's bytes on the wire, as its relay would publish them."""
    row = outbox_row(event, 1, 0, utc_now())
    return encode(SERVICE, {**row, "event_id": event_id or row["event_id"]})


@dataclass
class Probe:
    """The probe's parts. `failing` decides by an effect's key which error its handling raises, `tries` counts them."""

    database: Database
    rabbitmq_url: str
    commands: Commands
    failing: dict[str, Exception] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)

    async def effects(self) -> list[str]:
        rows = await self.database.fetch_all(text("SELECT key FROM effects ORDER BY id"))
        return [row.key for row in rows]

    async def waiting(self) -> int:
        row = await self.database.fetch_one(text("SELECT count(*) FROM outbox WHERE published_at IS NULL"))
        return row[0] if row else 0

    async def parked(self) -> list[Any]:
        return await self.database.fetch_all(text("SELECT type, error, attempts FROM parked_messages ORDER BY id"))

    async def publish(self, *bodies: bytes, **headers: Any) -> None:
        """Publishes as a relay would; the queue is declared first, as the service's migration does."""
        await wait_until_async(self._are_declared, what="the queues")
        await self.publish_only(*bodies, **headers)

    async def _are_declared(self) -> bool:
        """As a worker declares them, again and again: a broker that is slow, or just back, may fail at first."""
        try:
            async with await aio_pika.connect(self.rabbitmq_url) as connection:
                await declare_service(await connection.channel(), SERVICE, (HEARD_EVENT,))
        except BROKER_ERRORS:
            return False
        return True

    async def publish_only(self, *bodies: bytes, **headers: Any) -> None:
        """Publishes without declaring anything."""
        await self.publish_to(EXCHANGE, HEARD_EVENT.type, *bodies, **headers)

    async def publish_to(self, exchange_name: str, routing_key: str, *bodies: bytes, **headers: Any) -> None:
        """Publishes to any exchange there is."""
        async with await aio_pika.connect(self.rabbitmq_url) as connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(exchange_name)
            for body in bodies:
                await exchange.publish(aio_pika.Message(body, headers=headers, delivery_mode=2), routing_key)

    async def queue_length(self, name: str) -> int:
        async with await aio_pika.connect(self.rabbitmq_url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(name, passive=True)
            return queue.declaration_result.message_count or 0

    async def delivery_counts(self, name: str, count: int) -> list[int]:
        """How often the broker counts each of the `count` messages in a queue as delivered before."""
        async with await aio_pika.connect(self.rabbitmq_url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(name, passive=True)
            messages = [await queue.get() for _ in range(count)]
            return [int(str(message.headers.get("x-delivery-count", 0))) for message in messages]

    async def delete_queue(self, name: str) -> None:
        async with await aio_pika.connect(self.rabbitmq_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(name)

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[Consumer]:
        handlers = {AlertRaised: lambda event: Note(event.key)}
        consumer = Consumer(SERVICE, self.rabbitmq_url, self.database, self.commands, handlers)
        async with running_loop(consumer):
            yield consumer

    @asynccontextmanager
    async def relaying(self, count: int = 1) -> AsyncIterator[list[Relay]]:
        relays = [Relay(SERVICE, self.database.url, self.rabbitmq_url, 0.02) for _ in range(count)]
        async with AsyncExitStack() as stack:
            for relay in relays:
                await stack.enter_async_context(running_loop(relay))
            yield relays


@asynccontextmanager
async def running_loop(loop: Consumer | Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(loop.run())
    try:
        yield
    finally:
        loop.stop()
        await asyncio.wait_for(task, 90)


def create_schema(url: str) -> None:
    with TemporaryDirectory() as no_migrations:
        migrate(url, Path(no_migrations))
    with create_engine(driver_url(url)).begin() as connection:
        connection.execute(text("CREATE TABLE effects (id bigserial PRIMARY KEY, key text NOT NULL)"))


@asynccontextmanager
async def a_probe(database_url: str, rabbitmq_url: str) -> AsyncIterator[Probe]:
    database = Database(database_url)
    failing: dict[str, Exception] = {}
    tries: Counter[str] = Counter()

    async def note(command: Note, uow: UnitOfWork) -> None:
        await uow.execute(text("INSERT INTO effects (key) VALUES (:key)"), {"key": command.key})
        tries[command.key] += 1
        if error := failing.get(command.key):
            raise error

    commands = Commands(database, {Raise: raise_alerts, Note: note})
    yield Probe(database, rabbitmq_url, commands, failing, tries)
    await database.close()


@pytest.fixture
async def probe(database_factory: Callable[..., str], rabbitmq_url: str) -> AsyncIterator[Probe]:
    async with a_probe(database_factory("probe", create_schema), rabbitmq_url) as found:
        yield found


@pytest.fixture
async def mortal_probe(database_factory: Callable[..., str], mortal_rabbitmq: RabbitServer) -> AsyncIterator[Probe]:
    """A probe whose broker, `mortal_rabbitmq`, may be killed."""
    async with a_probe(database_factory("probe", create_schema), mortal_rabbitmq.create_vhost("probe")) as found:
        yield found
