"""Request bodies: counted as they come in, never larger than the route takes."""

import asyncio
from collections.abc import AsyncIterator

from shared.errors import Refusal

from gateway.client_ip import network_of
from gateway.refusals import BodyTimeout, BodyTooLarge
from gateway.request import Message, Receive, Request

SILENCE_SECONDS = 10.0
"""How long a sender may send nothing of a large body: others wait for the place."""


class ClientLeft(Exception):
    """The client went away before its request was complete; nobody waits for an answer."""


def declared_length(request: Request, limit: int) -> int | None:
    """The Content-Length, null when the body is chunked. Raises `BodyTooLarge` before a byte of it is read."""
    if b"transfer-encoding" in request.headers:
        return None
    length = int(request.headers.get(b"content-length", b"0"))
    if length > limit:
        raise BodyTooLarge(limit)
    return length


async def _next_part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientLeft()
    return message.get("body", b""), message.get("more_body", False)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises `BodyTooLarge`, and `ClientLeft` when it never came to its end."""
    if declared_length(request, limit) == 0:
        return b""
    body, more = await _next_part(request.receive)
    if not more and len(body) <= limit:
        return body
    parts, size = [body], len(body)
    while more and size <= limit:
        part, more = await _next_part(request.receive)
        parts.append(part)
        size += len(part)
    if size > limit:
        raise BodyTooLarge(limit)
    return b"".join(parts)


async def read_in_time(request: Request, limit: int, budget: float) -> bytes:
    """The whole body, as `read_body` says; raises `BodyTimeout` if it takes more than `budget` seconds."""
    try:
        async with asyncio.timeout(request.remaining(budget)):
            return await read_body(request, limit)
    except TimeoutError as error:
        raise BodyTimeout() from error


async def await_body(request: Request, limit: int, budget: float) -> None:
    """Waits for the whole body, which is there at once for whoever reads it then. Raises as `read_in_time` does."""
    body = await read_in_time(request, limit, budget)

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    request.receive = receive


class Upload:
    """A large body on its way through. `failure` holds why it broke off on the client's side, if it did.

    `sender` is the network that it comes from; who is silent for `patience` seconds has sent enough.
    """

    def __init__(self, request: Request, limit: int, patience: float = SILENCE_SECONDS) -> None:
        self.length = declared_length(request, limit)
        self.failure: Refusal | ClientLeft | None = None
        self.is_complete = False
        self.sender = network_of(request.client_ip, 32, 64)
        self._patience = patience
        self._receive = request.receive
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        while not self.is_complete:
            try:
                part, more = await self._next_part()
                size += len(part)
                if size > self._limit:
                    raise BodyTooLarge(self._limit)
            except (ClientLeft, BodyTooLarge, BodyTimeout) as failure:
                self.failure = failure
                raise
            self.is_complete = not more
            if part:
                yield part

    async def _next_part(self) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(self._patience):
                return await _next_part(self._receive)
        except TimeoutError as error:
            raise BodyTimeout() from error
