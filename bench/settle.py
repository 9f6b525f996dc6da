"""When nothing is left to be done: what a request puts off until later belongs to its cost."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel
from psycopg import AsyncConnection
from shared.contracts.subscribers import SUBSCRIBERS
from shared.messaging.topology import RETRY_TIERS, events_queue, retry_queue

PATIENCE_SECONDS = 60.0
# Messages in a handler's hands are seen by no count; none of them stays there that long.
LOOK_EVERY_SECONDS = 0.3

EVENTS_WAIT = "EXISTS (SELECT FROM outbox WHERE published_at IS NULL AND parked_at IS NULL)"
OWN_WORK = {
    "notifications": """EXISTS (
        SELECT FROM messages WHERE due_at IS NOT NULL AND (status = 'sending' OR due_at <= now()))""",
    "payments": "EXISTS (SELECT FROM stripe_events WHERE state = 'waiting')",
}
"""What services put off beside events, as SQL conditions: messages to send, Stripe's events to apply."""


class NeverSettled(RuntimeError):
    """Work was left after a minute."""


class Calm:
    """Looks whether outboxes, queues and mails are done, cheaply enough not to disturb a measurement."""

    def __init__(self, databases: dict[str, AsyncConnection], channel: AbstractChannel) -> None:
        self._databases = databases
        self._channel = channel

    async def settled(self) -> None:
        """Wait until nothing is left to be done, seen twice in a row. Raises NeverSettled with what is left."""
        deadline, in_a_row = time.monotonic() + PATIENCE_SECONDS, 0
        while in_a_row < 2:
            left = await self.left()
            in_a_row = 0 if left else in_a_row + 1
            if time.monotonic() > deadline:
                raise NeverSettled(f"After {PATIENCE_SECONDS:g} s there was still work in {', '.join(left)}.")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def left(self) -> list[str]:
        """The databases and queues in which work waits."""
        busy = [name for name, database in self._databases.items() if await _is_busy(name, database)]
        return busy + [name for name in _queues() if await self._has_messages(name)]

    async def _has_messages(self, queue: str) -> bool:
        state = await self._channel.declare_queue(queue, passive=True)
        return bool(state.declaration_result.message_count)


def _queues() -> list[str]:
    queues = [events_queue(service) for service, events in SUBSCRIBERS.items() if events]
    return queues + [retry_queue(service, tier) for service in SUBSCRIBERS for tier in RETRY_TIERS]


async def _is_busy(service: str, database: AsyncConnection) -> bool:
    conditions = [EVENTS_WAIT, *filter(None, [OWN_WORK.get(service)])]
    row = await (await database.execute(f"SELECT {' OR '.join(conditions)}")).fetchone()
    return bool(row and row[0])


@asynccontextmanager
async def calm_of(databases: dict[str, str], rabbitmq_url: str) -> AsyncIterator[Calm]:
    """Connections to all that may hold work."""
    async with AsyncExitStack() as stack:
        connections = {
            service: await stack.enter_async_context(await AsyncConnection.connect(url, autocommit=True))
            for service, url in databases.items()
        }
        broker = await stack.enter_async_context(await aio_pika.connect(rabbitmq_url))
        yield Calm(connections, await broker.channel())
