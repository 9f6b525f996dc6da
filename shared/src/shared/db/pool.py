"""The connections of one process to its database: a few, opened when they are needed and used again."""

import asyncio
import select
from functools import partial
from typing import Any

import orjson
import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.db.errors import translated
from shared.db.wire import Driver, Wire

SERVER_SETTINGS = "-c statement_timeout=3000 -c lock_timeout=1200 -c idle_in_transaction_session_timeout=10000"
"""Milliseconds. A stuck statement must not hold a connection that every request needs.

Waiting for a lock must last longer than PostgreSQL waits before it looks for deadlocks (its `deadlock_timeout`, 1 s
unless told otherwise): else both sides of a deadlock give up, where ending one, which is tried again, is enough.
"""

CONNECTING: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""Seconds and milliseconds. A server that vanished without a word is noticed after 15 to 25 s, not after hours."""

TIMEOUT_SECONDS = 2


def _adapters() -> AdaptersMap:
    types = AdaptersMap(psycopg.adapters)
    set_json_dumps(partial(orjson.dumps, option=orjson.OPT_UTC_Z), types)
    set_json_loads(orjson.loads, types)
    return types


async def connect(url: str, **options: Any) -> psycopg.AsyncConnection[Any]:
    """A new connection, which commits each statement by itself. Raises `psycopg.Error`."""
    try:
        return await psycopg.AsyncConnection.connect(url, autocommit=True, **CONNECTING, **options)
    except asyncio.CancelledError as left:
        # The frames below hold a connection half open, for which the server would keep a place for a minute.
        raise left.with_traceback(None) from None


class Pool:
    """At most `size` connections. The one that was used last is taken first: it knows most prepared statements."""

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._size = size
        self._free = asyncio.Semaphore(size)
        self._idle: list[Wire] = []
        self._adapters = _adapters()
        self._closed = False
        self.in_use = 0
        self.waiting = 0

    async def take(self) -> Wire:
        """A connection that lives, as far as can be seen. Raises `sqlalchemy.exc.TimeoutError` when all stay in use."""
        await self._wait_for_turn()
        try:
            wire = self._idle_one() or Wire(await self._connected())
        except BaseException:
            self._free.release()
            raise
        self.in_use += 1
        return wire

    async def give_back(self, wire: Wire) -> None:
        """Takes a connection back; whatever is open on it is rolled back, and one in disorder is closed."""
        try:
            is_good = await wire.tidy()
        finally:
            self.in_use -= 1
            self._free.release()
        if self._closed:
            wire.driver.pgconn.finish()
        elif is_good:
            self._idle.append(wire)

    async def close(self) -> None:
        """Closes the idle connections now, and those in use when they come back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().driver.close()

    async def _wait_for_turn(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        self.waiting += 1
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise PoolTimeout(f"all {self._size} connections stay in use") from None
        finally:
            self.waiting -= 1

    def _idle_one(self) -> Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if not wire.is_lost and not _said_goodbye(wire.driver):
                return wire
            wire.driver.pgconn.finish()
        return None

    async def _connected(self) -> Driver:
        try:
            return await connect(self._url, context=self._adapters, options=SERVER_SETTINGS)
        except psycopg.Error as error:
            raise translated(error, "") from error


def _said_goodbye(connection: Driver) -> bool:
    """Whether the server has closed the connection, without asking the server.

    An idle connection has nothing to say: if it can be read from, that is the server's good-bye. A ping would find out
    the same, for a round trip with every use of a connection.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
