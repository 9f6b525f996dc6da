"""One connection to a service: a request out, its answer in, one after another."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import cast

import httptools

from gateway.http1.deadline import Deadline

LARGEST_HEAD = 64 * 1024
HIGH_WATER = 256 * 1024


class BrokenOff(Exception):
    """The service ended the connection, or what it sent is no HTTP; whether it did what was asked is unknown."""


def request_head(method: str, target: str, host: str, headers: Mapping[str, str]) -> bytes:
    """A request's line and headers. Raises ValueError for a value that would start a line of its own."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *map(": ".join, headers.items())]
    text = "".join(lines)
    if "\n" in text or "\r" in text:
        raise ValueError("A header holds a line break.")
    return "\r\n".join((*lines, "")).encode("latin-1")


class Connection(asyncio.Protocol):
    """`status`, `headers` and `length` (null when the answer is chunked) are those of the answer in hand.

    Headers have names in small letters. Whoever waits beyond the exchange's `deadline` gets TimeoutError.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.length: int | None = None
        self.is_open = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self.deadline = Deadline(self._loop, self._give_up)
        self._waiter: asyncio.Future[None] | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._parts: list[bytes] = []
        self._head_bytes = self._buffered = 0
        self._in_exchange = self._is_paused = False
        self._is_sent = self._has_head = self._is_complete = self._keeps_alive = self._is_late = False

    # What the transport says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if not self._in_exchange:
            self.close()
            return
        if not self._has_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()
        if self._head_bytes > LARGEST_HEAD and not self._has_head:
            self.close()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.deadline.stop()
        self._can_write.set()
        self._wake()

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    # What the parser says.

    def on_message_begin(self) -> None:
        if self._is_complete:
            raise ValueError("There is more than one answer.")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:  # what follows a body in pieces is nobody's
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if (
            self._head_bytes > LARGEST_HEAD
            and sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD
        ):
            raise ValueError("The answer's head is too large.")
        status = self._parser.get_status_code()
        if status < 200:
            self.headers.clear()
            return
        self.status = status
        self._keeps_alive = self._parser.should_keep_alive()
        for name, value in self.headers:
            if name == b"content-length":
                self.length = int(value)
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)
        self._buffered += len(body)
        if self._buffered > HIGH_WATER and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        self._is_complete = self._has_head

    # What the gateway does.

    @property
    def is_reusable(self) -> bool:
        """Whether another request may follow: this one went out whole, its answer came whole, the service keeps on."""
        return self.is_open and self._is_sent and self._is_complete and self._keeps_alive

    async def send(self, head: bytes, body: bytes | AsyncIterable[bytes] | None, until: float) -> None:
        """Sends a request and waits for the start of its answer; the exchange may last until `until`.

        An answer that comes before the whole body is a refusal for sure: the rest is not sent to anyone.
        Raises `BrokenOff`, TimeoutError, and what `body` raises.
        """
        self._begin(until)
        if body is None or isinstance(body, bytes):
            length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
            self._transport.write(b"".join((head, length, b"\r\n", body or b"")))
            self._is_sent = True
        else:
            self._transport.write(head + b"Transfer-Encoding: chunked\r\n\r\n")
            await self._send_until_answered(body)
        while not self._has_head:
            await self._wait()

    def _begin(self, until: float) -> None:
        self.headers, self._parts = [], []
        self.length, self.status = None, 0
        self._head_bytes = self._buffered = 0
        self._in_exchange = True
        self._is_sent = self._has_head = self._is_complete = self._keeps_alive = self._is_late = False
        self.deadline.set(until)

    async def _send_until_answered(self, body: AsyncIterable[bytes]) -> None:
        sending = asyncio.create_task(self._send_parts(body))
        sending.add_done_callback(lambda _: self._wake())
        try:
            while not sending.done() and not self._has_head:
                await self._wait()
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.wait([sending])
        if not sending.cancelled():
            sending.result()

    async def _send_parts(self, body: AsyncIterable[bytes]) -> None:
        async for part in body:
            self._transport.write(b"%x\r\n%b\r\n" % (len(part), part))
            await self._can_write.wait()
        self._transport.write(b"0\r\n\r\n")
        self._is_sent = True

    async def read(self) -> bytes:
        """The whole answer's body. Raises `BrokenOff` and TimeoutError."""
        while not self._is_complete:
            self._go_on_reading()
            await self._wait()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `BrokenOff` and TimeoutError."""
        while True:
            if self._parts:
                parts, self._parts, self._buffered = self._parts, [], 0
                yield b"".join(parts)
            elif self._is_complete:
                return
            else:
                self._go_on_reading()
                await self._wait()

    def end_exchange(self) -> None:
        """Nothing more is expected until the next request."""
        self._in_exchange = False
        self.deadline.lift()
        self._go_on_reading()

    def close(self) -> None:
        """Ends the connection at once."""
        if self.is_open:
            self.is_open = False
            self._transport.abort()

    def _go_on_reading(self) -> None:
        if self._is_paused and self.is_open:
            self._is_paused = False
            self._transport.resume_reading()

    async def _wait(self) -> None:
        if not self.is_open:
            raise BrokenOff()
        if self._is_late:
            raise TimeoutError()
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _give_up(self) -> None:
        self._is_late = True
        self._wake()
