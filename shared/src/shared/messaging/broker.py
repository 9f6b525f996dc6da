"""Connections to the broker. Publishing and consuming never share one: a blocked publisher must not starve acks."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from yarl import URL

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
CONNECT_TIMEOUT_SECONDS = 5

BROKER_ERRORS = (aio_pika.exceptions.AMQPError, ConnectionError, TimeoutError, OSError, RuntimeError)
"""What a broken connection or channel raises, in any of its states."""


async def connect(url: str, name: str) -> AbstractConnection:
    """One connection attempt; `name` is how the broker's operators see it."""
    address = URL(url).update_query(heartbeat=str(HEARTBEAT_SECONDS), name=name)
    return await aio_pika.connect(address, timeout=CONNECT_TIMEOUT_SECONDS)


@asynccontextmanager
async def publishing_channel(connection: AbstractConnection) -> AsyncIterator[AbstractChannel]:
    """A channel on which a publish returns only once the broker has the message, and raises if no queue took it."""
    channel = connection.channel(publisher_confirms=True, on_return_raises=True)
    await asyncio.wait_for(channel.initialize(), CONNECT_TIMEOUT_SECONDS)
    yield channel


async def close_quietly(connection: AbstractConnection | None) -> None:
    """Closes a connection that may be broken already."""
    if connection is None:
        return
    try:
        await asyncio.wait_for(connection.close(), 2)
    except BROKER_ERRORS as error:
        log.debug("closing a broker connection: %s", error)
