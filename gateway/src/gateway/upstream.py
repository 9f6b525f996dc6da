"""One service behind the gateway: its connections, how many requests it gets at once, and its breaker."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import aiohttp
from shared.errors import Refusal
from shared.telemetry import meter
from yarl import URL

from gateway.body import ClientLeft, Upload
from gateway.breaker import Breaker
from gateway.refusals import BodyTimeout, UpstreamBroken, UpstreamBusy, UpstreamTimeout, UpstreamUnavailable

MOST_IN_FLIGHT = 64
CONNECT_SECONDS = 0.5
QUEUE_SECONDS = 1.0
IDLE_SECONDS = 15.0
LARGEST_PAGE = 4 * 1024 * 1024
LONGEST_LINE = 16 * 1024
FAILING_STATUSES = (502, 504)
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
_OWN_HEADERS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")

_turned_away = meter.create_counter(
    "gateway.upstream.turned_away", description="Requests that no service was asked for."
)


@dataclass(frozen=True, slots=True)
class Call:
    """What a service is asked, until `until` on `time.monotonic()`'s scale; the target is already encoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | Upload | None
    until: float

    def failure_of_client(self, error: BaseException) -> Refusal | ClientLeft | None:
        """Why the client's own body ended the exchange; null if it was not that."""
        if not isinstance(self.body, Upload):
            return None
        if self.body.failure is None and isinstance(error, TimeoutError) and not self.body.is_complete:
            return BodyTimeout()
        return self.body.failure


class Upstream:
    """Asks one service over a pool of kept connections."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name = name
        self.breaker = Breaker()
        self._base = base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(MOST_IN_FLIGHT)

    def start(self) -> None:
        """Makes the pool; needs the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=_OWN_HEADERS,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )

    async def close(self) -> None:
        """Closes the pool."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def ask(self, call: Call) -> AsyncIterator[aiohttp.ClientResponse]:
        """The service's answer, whose body is read within the block.

        Raises `UpstreamUnavailable` when the service was not asked, `UpstreamTimeout` and `UpstreamBroken` when it was.
        """
        await self._admit()
        judged = False
        try:
            async with asyncio.timeout(max(0.0, call.until - time.monotonic())), self._send(call) as response:
                judged = True
                self._judge(None, response.status)
                yield response
        except BaseException as error:
            failure = call.failure_of_client(error)
            if not judged:
                self._judge(failure or error)
            if (refusal := failure or self._refusal(error)) is None:
                raise
            raise refusal from error
        finally:
            self._free.release()

    async def look(self, path: str, headers: dict[str, str], seconds: float) -> tuple[int, bytes]:
        """A small page of the service's own, such as its health: outside of the breaker and the places.

        Raises aiohttp.ClientError, OSError or TimeoutError.
        """
        assert self._session is not None
        async with (
            asyncio.timeout(seconds),
            self._session.get(URL(self._base + path), headers=headers, allow_redirects=False, timeout=_TIMEOUT) as page,
        ):
            body = await page.content.read(LARGEST_PAGE + 1)
            while not page.content.at_eof() and len(body) <= LARGEST_PAGE:
                body += await page.content.read(LARGEST_PAGE)
            if len(body) > LARGEST_PAGE:
                raise aiohttp.ClientPayloadError("The page is too large.")
            return page.status, body

    async def is_ready(self, seconds: float) -> bool:
        """Whether the service says within `seconds` that it is ready."""
        try:
            status, _ = await self.look("/health/ready", {}, seconds)
        except (aiohttp.ClientError, OSError):
            return False
        return status == 200

    async def _admit(self) -> None:
        if not self.breaker.admits():
            _turned_away.add(1, {"service": self.name, "reason": "breaker"})
            raise UpstreamBusy(self.name)
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            self.breaker.abandoned()
            _turned_away.add(1, {"service": self.name, "reason": "full"})
            raise UpstreamBusy(self.name) from error

    def _send(self, call: Call) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        assert self._session is not None
        return self._session.request(
            call.method,
            URL(self._base + call.target, encoded=True),
            headers=call.headers,
            data=call.body,
            allow_redirects=False,
            timeout=_TIMEOUT,
        )

    def _judge(self, error: BaseException | None, status: int = 0) -> None:
        # A 500 or 503 is an answer: one broken use case or a pause of online booking must not close the others.
        if isinstance(error, (aiohttp.ClientError, OSError)) or status in FAILING_STATUSES:
            self.breaker.failed()
        elif error is None:
            self.breaker.succeeded()
        else:
            self.breaker.abandoned()

    def _refusal(self, error: BaseException) -> Refusal | None:
        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return UpstreamUnavailable(self.name)
        if isinstance(error, TimeoutError):
            return UpstreamTimeout(self.name)
        if isinstance(error, (aiohttp.ClientError, OSError)):
            return UpstreamBroken(self.name)
        return None
