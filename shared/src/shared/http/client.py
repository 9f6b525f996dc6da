"""Calls between services: one pooled client per upstream that survives cancelled callers.

aiohttp, because httpx 0.28 loses connections of its pool when callers are cancelled. Every call has a bound that never
exceeds what remains of the request it serves, and a breaker stops calling an upstream that keeps failing.
"""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from shared.context import correlation_id, remaining_seconds
from shared.errors import Unavailable
from shared.http.identity import Caller, TokenIssuer
from shared.telemetry import current_traceparent

CONNECT_SECONDS = 0.5
LARGEST_ANSWER = 4 * 1024 * 1024
DEADLINE_HEADER = "X-Request-Deadline-Ms"


class Breaker:
    """Opens for `open_seconds` when at least half of 20 or more calls within 10 s failed; then lets one call probe."""

    def __init__(self, window_seconds: float = 10, minimum: int = 20, open_seconds: float = 5) -> None:
        self._window = window_seconds
        self._minimum = minimum
        self._open_seconds = open_seconds
        self._calls: deque[tuple[float, bool]] = deque()
        self._open_until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at the moment."""
        return time.monotonic() < self._open_until

    def allow(self) -> bool:
        """Whether a call may go out now."""
        if self._open_until == 0.0:
            return True
        if self.is_open or self._probing:
            return False
        self._probing = True
        return True

    def record(self, ok: bool) -> None:
        """Tells how a call that was allowed went."""
        now = time.monotonic()
        if self._probing:
            self._probing = False
            self._open_until = 0.0 if ok else now + self._open_seconds
            self._calls.clear()
            return
        self._calls.append((now, ok))
        while self._calls and self._calls[0][0] < now - self._window:
            self._calls.popleft()
        failed = sum(not ok for _, ok in self._calls)
        if len(self._calls) >= self._minimum and failed * 2 >= len(self._calls):
            self._open_until = now + self._open_seconds


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
            connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=30),
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
        if not self.breaker.allow():
            raise Unavailable(f"{self._upstream} is not available.")
        try:
            answer = await self._send(method, path, data, remaining_seconds(budget_seconds))
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            self.breaker.record(ok=False)
            raise Unavailable(f"{self._upstream} is not available.") from error
        except BaseException:
            self.breaker.record(ok=True)
            raise
        self.breaker.record(ok=answer.status < 500)
        return answer

    async def _send(self, method: str, path: str, data: bytes | None, seconds: float) -> Answer:
        assert self._session is not None, "start() comes first"
        timeout = aiohttp.ClientTimeout(total=max(seconds, 0.001), sock_connect=CONNECT_SECONDS)
        async with self._session.request(
            method,
            self._base_url + path,
            data=data,
            headers=self._headers(seconds),
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            if (response.content_length or 0) > LARGEST_ANSWER:
                raise ValueError("answer too large")
            body = await response.read()
            return Answer(response.status, orjson.loads(body) if body else None)

    def _headers(self, seconds: float) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
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
