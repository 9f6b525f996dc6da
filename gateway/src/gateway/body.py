"""Request bodies: counted as they come in, never larger than the route takes."""

from collections.abc import AsyncIterator

from shared.errors import Refusal

from gateway.refusals import BodyTooLarge
from gateway.request import Receive, Request


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


class Upload:
    """A large body on its way through. `failure` holds why it broke off on the client's side, if it did."""

    def __init__(self, request: Request, limit: int) -> None:
        self.length = declared_length(request, limit)
        self.failure: Refusal | ClientLeft | None = None
        self.is_complete = False
        self._receive = request.receive
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        while not self.is_complete:
            try:
                part, more = await _next_part(self._receive)
                size += len(part)
                if size > self._limit:
                    raise BodyTooLarge(self._limit)
            except (ClientLeft, BodyTooLarge) as failure:
                self.failure = failure
                raise
            self.is_complete = not more
            if part:
                yield part
