"""One request as the rest of the gateway sees it."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from gateway.tracing import Trace

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]
InOnePiece = Callable[[int, RawHeaders, bytes], bool]
"""Writes the status, headers and body of an answer at once; false if it has to be sent step by step."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def in_steps(status: int, headers: RawHeaders, body: bytes) -> bool:
    """What a server says that knows no way to write an answer at once."""
    return False


def combine_headers(raw: RawHeaders) -> dict[bytes, bytes]:
    """Header lines → one value per lower-case name; repeated lines are joined as HTTP joins them."""
    headers = dict(raw)
    if len(headers) == len(raw):
        return headers
    headers.clear()
    for name, value in raw:
        if name in headers:
            value = headers[name] + (b"; " if name == b"cookie" else b", ") + value
        headers[name] = value
    return headers


@dataclass(slots=True)
class Request:
    """A request whose framing is sound. `started` is on `time.monotonic()`'s scale.

    `answer_headers` collects what every answer to this request carries, whoever makes it; `template` and `status` are
    noted on the way for traces and metrics.
    """

    method: str
    path: bytes
    query: bytes
    headers: dict[bytes, bytes]
    client_ip: str
    scheme: str
    host: str
    request_id: str
    trace: Trace
    receive: Receive
    started: float = field(default_factory=time.monotonic)
    in_one_piece: InOnePiece = in_steps
    answer_headers: RawHeaders = field(default_factory=list)
    template: str = ""
    status: int = 0

    @property
    def is_safe(self) -> bool:
        """Whether the method changes nothing."""
        return self.method in SAFE_METHODS

    @property
    def user_agent(self) -> str:
        """The User-Agent, at most 256 printable characters of it."""
        text = self.headers.get(b"user-agent", b"").decode("latin-1")[:256]
        return text if text.isprintable() else "".join(filter(str.isprintable, text))

    def header(self, name: bytes) -> str:
        """A header's value, empty if absent."""
        return self.headers.get(name, b"").decode("latin-1")

    def remaining(self, budget: float) -> float:
        """Seconds left of `budget` seconds since the request came in, never negative."""
        return max(0.0, self.started + budget - time.monotonic())
