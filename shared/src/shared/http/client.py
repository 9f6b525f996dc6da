"""Calls between services: one pooled client per upstream that survives cancelled callers.

aiohttp, because httpx 0.28 loses connections of its pool when callers are cancelled. Every call has a bound that never
exceeds what remains of the request it serves, and a breaker stops calling an upstream that keeps failing.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from opentelemetry.trace import SpanKind

from shared.context import correlation_id, remaining_seconds
from shared.errors import Unavailable
from shared.http.identity import Caller, TokenIssuer
from shared.telemetry import current_traceparent, tracer

CONNECT_SECONDS = 0.5
POOL_SIZE = 64
LARGEST_ANSWER = 4 * 1024 * 1024
SHORTEST_BUDGET_SECONDS = 0.01
"""With less time left a call can't succeed, and its failure would be blamed on the upstream."""

DEADLINE_HEADER = "X-Request-Deadline-Ms"


class Breaker:
    """Opens for `open_seconds` when at least half of 20 or more calls within 10 s failed; then lets one call probe.

    Whoever was allowed to call must `record` how it went or `abandon` it. `now` gives seconds.
    """

    def __init__(
        self,
        window_seconds: float = 10,
        minimum: int = 20,
        open_seconds: float = 5,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window = window_seconds
        self._minimum = minimum
        self._open_seconds = open_seconds
        self._now = now
        self._calls: deque[tuple[float, bool]] = deque()
        self._open_until: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at the moment."""
        return self._open_until is not None and self._now() < self._open_until

    def allow(self) -> bool:
        """Whether a call may go out now."""
        if self._open_until is None:
            return True
        if self.is_open or self._probing:
            return False
        self._probing = True
        return True

    def abandon(self) -> None:
        """The caller left before there was an answer, which says nothing about the upstream."""
        self._probing = False

    def record(self, ok: bool) -> None:
        """Tells how a call that was allowed went."""
        if self._open_until is None:
            self._count(ok)
        elif self._probing:
            self._probing = False
            self._open_until = None if ok else self._now() + self._open_seconds

    def _count(self, ok: bool) -> None:
        now = self._now()
        self._calls.append((now, ok))
        while self._calls and self._calls[0][0] < now - self._window:
            self._calls.popleft()
        failed = sum(not ok for _, ok in self._calls)
        if len(self._calls) >= self._minimum and failed * 2 >= len(self._calls):
            self._open_until = now + self._open_seconds
            self._calls.clear()


@dataclass(frozen=True, slots=True)
class Answer:
    """An upstream's answer: its status and its JSON (or null)."""

    status: int
    body: Any


class ServiceClient:
    """Calls one other service as this service."""

    def __init__(self, upstream: str, base_url: str, caller: str, issuer: TokenIssuer | None) -> None:
        self._upstream = upstream
        self._base_url = base_url.rstrip("/")
        self._caller = Caller(kind="service", service=caller)
        self._issuer = issuer
        self._session: aiohttp.ClientSession | None = None
        self._token: tuple[float, str] = (0.0, "")
        self.breaker = Breaker()

    async def start(self) -> None:
        """Opens the pool."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=POOL_SIZE, keepalive_timeout=30),
            trust_env=False,
            auto_decompress=False,
        )

    async def stop(self) -> None:
        """Closes the pool."""
        if self._session is not None:
            await self._session.close()

    async def post(self, path: str, body: Any, budget_seconds: float) -> Answer:
        """POSTs JSON; raises `Unavailable` when the upstream can't be asked or does not answer in time.

        A timeout means unknown: the call may have had its effect, so what is asked must be safe to repeat.
        """
        return await self._call("POST", path, orjson.dumps(body), budget_seconds)

    async def get(self, path: str, budget_seconds: float) -> Answer:
        """GETs JSON; raises `Unavailable` like `post`."""
        return await self._call("GET", path, None, budget_seconds)

    async def _call(self, method: str, path: str, data: bytes | None, budget_seconds: float) -> Answer:
        seconds = remaining_seconds(budget_seconds)
        if seconds < SHORTEST_BUDGET_SECONDS or not self.breaker.allow():
            raise Unavailable(f"{self._upstream} is not available.")
        try:
            with tracer.start_as_current_span(f"{method} {self._upstream}", kind=SpanKind.CLIENT):
                answer = await self._send(method, path, data, seconds)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            self.breaker.record(ok=False)
            raise Unavailable(f"{self._upstream} is not available.") from error
        except BaseException:
            self.breaker.abandon()
            raise
        self.breaker.record(ok=answer.status < 500)
        return answer

    async def _send(self, method: str, path: str, data: bytes | None, seconds: float) -> Answer:
        assert self._session is not None, "start() comes first"
        async with self._session.request(
            method,
            self._base_url + path,
            data=data,
            headers=self._headers(seconds),
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS),
            allow_redirects=False,
        ) as response:
            body = await _read_bounded(response)
            return Answer(response.status, orjson.loads(body) if body else None)

    def _headers(self, seconds: float) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {self._identity()}",
            DEADLINE_HEADER: str(int(seconds * 1000)),
            "X-Request-ID": correlation_id.get(),
            "traceparent": current_traceparent(),
        }
        return {name: value for name, value in headers.items() if value}

    def _identity(self) -> str:
        made_at, token = self._token
        if time.monotonic() - made_at > 30 or not token:
            assert self._issuer is not None, "IDENTITY_PRIVATE_KEY is needed to call other services"
            token = self._issuer.issue(self._caller, self._upstream)
            self._token = (time.monotonic(), token)
        return token


async def _read_bounded(response: aiohttp.ClientResponse) -> bytes:
    """The whole body; raises `ValueError` for one that is too large, with or without a length announced."""
    if (response.content_length or 0) > LARGEST_ANSWER:
        raise ValueError("answer too large")
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LARGEST_ANSWER:
            raise ValueError("answer too large")
        parts.append(part)
    return b"".join(parts)
