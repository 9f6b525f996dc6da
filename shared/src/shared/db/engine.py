"""The connection to a service's own database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from opentelemetry.instrumentation.utils import suppress_instrumentation
from sqlalchemy import Executable, Row, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from shared.db.connection import Connection
from shared.db.pool import SERVER_SETTINGS, Pool
from shared.db.wire import Wire

__all__ = ["SERVER_SETTINGS", "Connection", "Database", "driver_url", "dump_json", "plain_url"]

_PING = text("SELECT 1")


def dump_json(value: Any) -> str:
    """JSON as it is written into columns; times end in `Z`, as in answers."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def driver_url(url: str) -> URL:
    """A plain `postgres://` or `postgresql://` address as SQLAlchemy's address for psycopg."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def plain_url(url: str) -> str:
    """The address as psycopg and the command-line tools take it."""
    return driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Database:
    """A service's database: a small pool for units of work, and reads without a transaction of their own."""

    def __init__(self, url: str, pool_size: int = 7, max_overflow: int = 0) -> None:
        self.url = plain_url(url)
        self.most_connections = pool_size + max_overflow
        self._pool = Pool(self.url, self.most_connections)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction that commits when the block ends well."""
        async with self._wire() as wire:
            connection = Connection(wire, in_transaction=True)
            yield connection
            await connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for single reads: each statement is its own transaction, which saves two round trips."""
        async with self._wire() as wire:
            yield Connection(wire, in_transaction=False)

    @asynccontextmanager
    async def _wire(self) -> AsyncIterator[Wire]:
        wire = await self._pool.take()
        try:
            yield wire
        except BaseException:
            await asyncio.shield(asyncio.ensure_future(self._pool.give_back(wire)))
            raise
        await self._pool.give_back(wire)

    async def fetch_all(self, statement: Executable, parameters: dict[str, Any] | None = None) -> list[Row[Any]]:
        """All rows of one reading statement. One whose connection is lost on the way is tried once more."""
        for attempt in (1, 2):
            try:
                async with self.reading() as connection:
                    return await connection.fetch_all(statement, parameters)
            except DBAPIError as error:
                if attempt == 2 or not error.connection_invalidated:
                    raise
        raise AssertionError("unreachable")

    async def fetch_one(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Row[Any] | None:
        """The first row of one reading statement, or nothing."""
        rows = await self.fetch_all(statement, parameters)
        return rows[0] if rows else None

    async def change(self, statement: Executable, parameters: dict[str, Any]) -> int:
        """Runs one statement as a transaction of its own; how many rows it changed."""
        async with self.reading() as connection:
            return (await connection.execute(statement, parameters)).rowcount

    async def ping(self) -> None:
        """Raises when the database does not answer. Health checks leave no traces."""
        with suppress_instrumentation():
            await self.fetch_one(_PING)

    def connections_in_use(self) -> int:
        """How many connections of the pool are taken at the moment."""
        return self._pool.in_use

    def waiting_for_connections(self) -> int:
        """How many ask for a connection of the pool and wait, since all are taken."""
        return self._pool.waiting

    async def close(self) -> None:
        """Closes the pool."""
        await self._pool.close()
