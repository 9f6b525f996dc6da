"""A small client for Valkey: one connection, all calls pipelined, every call bounded.

Each request of a session costs one call, so its price is part of every answer; a general client spends several times
as long on a call as the parser and the socket do.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import hiredis

TIMEOUT = 0.25
ANOTHER_TURN = 0.005
PAUSE_AFTER_FAILURE = 0.25
SENT_TOGETHER = 4
"""Questions that go out at once. Valkey answers them while the same turn of the loop reads the requests behind them."""

DEFAULT_PORT = 6379


class StoreUnavailable(Exception):
    """Valkey did not answer in time, or not at all; what was asked may have been done."""


class Script:
    """A Lua script, run by its digest."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


class _Connection(asyncio.Protocol):
    """Answers come in the order of the questions, so waiting callers stand in a queue."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._heard_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have all of asyncio.Transport's methods without being ones.
        self._transport = cast("asyncio.Transport", transport)
        self._heard_at = time.monotonic()

    def data_received(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            _, future = self._waiting.popleft()
            if future.done():
                continue
            if isinstance(reply, hiredis.HiredisError):
                future.set_exception(reply)
            else:
                future.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(StoreUnavailable())
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_silent(self) -> bool:
        return not self.is_open or time.monotonic() - self._heard_at > TIMEOUT

    def call(self, arguments: Sequence[str | bytes | int]) -> asyncio.Future[Any]:
        """The answer to come, or TimeoutError after 250 ms. Raises `StoreUnavailable`."""
        if self._transport is None:
            raise StoreUnavailable()
        # What can't be packed asks nothing, so nobody waits for its answer.
        packed = hiredis.pack_command(cast("tuple[bytes]", tuple(arguments)))
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((time.monotonic() + TIMEOUT, future))
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(packed)
        if len(self._unsent) == SENT_TOGETHER:
            self._flush()
        if self._timer is None:
            self._timer = self._loop.call_later(TIMEOUT, self._look_again)
        return future

    def _look_again(self) -> None:
        # A loop that was busy for long comes to its timers before it looks at its sockets, where answers may lie.
        self._timer = self._loop.call_later(ANOTHER_TURN, self._expire)

    def _expire(self) -> None:
        """Gives up what is late. One timer serves all calls, since those who asked first wait in front."""
        now = time.monotonic()
        self._timer = None
        for until, future in self._waiting:
            if until > now:
                self._timer = self._loop.call_later(until - now, self._look_again)
                break
            if not future.done():
                future.set_exception(TimeoutError())

    def _flush(self) -> None:
        # Writing costs more than all else, so what one turn of the loop asks goes out in one piece.
        unsent, self._unsent = self._unsent, []
        if unsent and self._transport is not None:
            self._transport.write(b"".join(unsent))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Valkey:
    """Calls raise `StoreUnavailable` after 250 ms at most, and for a moment after a failure at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or DEFAULT_PORT)
        self._tls = parts.scheme in ("rediss", "valkeys")
        self._password = unquote(parts.password or "")
        self._user = unquote(parts.username or "default")
        self._database = int(parts.path.strip("/") or 0)
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[_Connection] | None = None
        self._not_before = 0.0

    async def run(self, script: Script, keys: list[str], arguments: list[str | bytes | int]) -> Any:
        """A script's answer. Raises `StoreUnavailable`."""
        tail = (len(keys), *keys, *arguments)
        try:
            return await self.call("EVALSHA", script.digest, *tail)
        except hiredis.ReplyError as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
        return await self.call("EVAL", script.source, *tail)

    async def call(self, *arguments: str | bytes | int) -> Any:
        """One command's answer. Raises `StoreUnavailable`, and `hiredis.ReplyError` for what Valkey refuses."""
        if time.monotonic() < self._not_before:
            raise StoreUnavailable()
        try:
            connection = self._connection
            if connection is None or not connection.is_open:
                connection = await self._connect()
            return await connection.call(arguments)
        except hiredis.ReplyError as error:
            if str(error).startswith(("LOADING", "MASTERDOWN", "READONLY", "OOM", "MISCONF")):
                raise StoreUnavailable() from error
            raise
        except (TimeoutError, OSError, StoreUnavailable) as error:
            # Late answers are skipped, so a connection that still brings any stays for the other callers.
            if self._connection is None or self._connection.is_silent:
                self._drop()
            raise StoreUnavailable() from error

    async def close(self) -> None:
        """Ends the connection."""
        self._drop()

    def _drop(self) -> None:
        self._not_before = time.monotonic() + PAUSE_AFTER_FAILURE
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> _Connection:
        # One attempt serves all callers; shielded, since the first to give up must not end it for the others.
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._open())
            self._connecting.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._connection = await asyncio.shield(self._connecting)
        return self._connection

    async def _open(self) -> _Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(TIMEOUT):
            _, connection = await loop.create_connection(_Connection, *self._address, ssl=self._tls or None)
            try:
                if self._password:
                    await connection.call(("AUTH", self._user, self._password))
                await connection.call(("SELECT", self._database))
            except BaseException:
                connection.close()
                raise
        return connection
