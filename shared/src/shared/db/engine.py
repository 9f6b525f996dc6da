"""The connection to a service's own database."""

import asyncio
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import orjson
from opentelemetry.instrumentation.utils import suppress_instrumentation
from psycopg import AsyncConnection as AsyncPgConnection
from sqlalchemy import Connection, CursorResult, Executable, QueuePool, Row, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import greenlet_spawn

T = TypeVar("T")

SERVER_SETTINGS = "-c statement_timeout=3000 -c lock_timeout=1200 -c idle_in_transaction_session_timeout=10000"
"""Milliseconds. A stuck statement must not hold a connection that every request needs.

Waiting for a lock must last longer than PostgreSQL waits before it looks for deadlocks (its `deadlock_timeout`, 1 s):
otherwise both sides of a deadlock give up, where ending one of them is enough.
"""

CONNECTING: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""Seconds and milliseconds. A server that vanished without a word is noticed after 15 to 25 s, not after hours."""

POOL_TIMEOUT_SECONDS = 2

_PING = text("SELECT 1")


def dump_json(value: Any) -> str:
    """JSON as it is written into columns."""
    return orjson.dumps(value).decode()


def driver_url(url: str) -> URL:
    """A plain `postgres://` or `postgresql://` address as SQLAlchemy's address for psycopg."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def plain_url(url: str) -> str:
    """The address as psycopg and the command-line tools take it."""
    return driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _all_rows(result: CursorResult[Any]) -> list[Row[Any]]:
    return list(result.all())


def _refuse_dead(_: object, record: ConnectionPoolEntry, __: object) -> None:
    """Has the pool replace a connection that its server has closed, without asking the server.

    An idle connection has nothing to say: if it can be read from, that is the server's good-bye. A ping would find out
    the same, for a round trip with every use of a connection.
    """
    connection = cast("AsyncPgConnection[Any]", record.driver_connection)
    poll = select.poll()
    if not connection.closed:
        poll.register(connection.fileno(), select.POLLIN)
    if connection.closed or poll.poll(0):
        raise DisconnectionError("the server has closed this connection")


def _commit(connection: Connection) -> None:
    with connection:
        connection.commit()


class Database:
    """A service's database: a small pool for units of work, and reads without a transaction of their own."""

    def __init__(self, url: str, pool_size: int = 7, max_overflow: int = 0) -> None:
        self.url = plain_url(url)
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            hide_parameters=True,
            json_serializer=dump_json,
            json_deserializer=orjson.loads,
            connect_args={"options": SERVER_SETTINGS, **CONNECTING},
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_dead)
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits when the block ends well.

        As `engine.begin()`, in half as many steps between the asynchronous and SQLAlchemy's synchronous world.
        """
        connection = await greenlet_spawn(self._begun)
        try:
            yield AsyncConnection(self.engine, connection)
        except BaseException:
            await asyncio.shield(asyncio.ensure_future(greenlet_spawn(connection.close)))
            raise
        await greenlet_spawn(_commit, connection)

    def _begun(self) -> Connection:
        connection = self.engine.sync_engine.connect()
        connection.begin()
        return connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for single reads: each statement is its own transaction, which saves two round trips."""
        async with self._reading.connect() as connection:
            yield connection

    async def fetch_all(self, statement: Executable, parameters: dict[str, Any] | None = None) -> list[Row[Any]]:
        """All rows of one reading statement."""
        return await self._read(statement, parameters, _all_rows)

    async def fetch_one(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Row[Any] | None:
        """The first row of one reading statement, or nothing."""
        return await self._read(statement, parameters, CursorResult.first)

    async def _read(
        self, statement: Executable, parameters: dict[str, Any] | None, take: Callable[[CursorResult[Any]], T]
    ) -> T:
        """A read whose connection is lost on the way is tried once more, on another connection.

        Taking a connection, asking and giving it back are one step from the asynchronous to SQLAlchemy's synchronous
        world instead of three, which saves a quarter of the CPU of a read.
        """

        def read() -> T:
            with self._reading.sync_engine.connect() as connection:
                return take(connection.execute(statement, parameters))

        for attempt in (1, 2):
            try:
                return await greenlet_spawn(read)
            except DBAPIError as error:
                if attempt == 2 or not error.connection_invalidated:
                    raise
        raise AssertionError("unreachable")

    async def ping(self) -> None:
        """Raises when the database does not answer. Health checks leave no traces."""
        with suppress_instrumentation():
            await self.fetch_one(_PING)

    def connections_in_use(self) -> int:
        """How many connections of the pool are taken at the moment."""
        return cast(QueuePool, self.engine.pool).checkedout()

    async def close(self) -> None:
        """Closes the pool."""
        await self.engine.dispose()
