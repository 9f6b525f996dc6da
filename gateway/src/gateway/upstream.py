"""One service behind the gateway: its connections, how many requests it gets at once, and its breaker."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from opentelemetry.metrics import CallbackOptions, Observation
from shared.errors import Refusal
from shared.telemetry import meter

from gateway.body import ClientLeft, Upload
from gateway.breaker import Breaker
from gateway.http1 import BrokenOff, ConnectFailed, Connection, Pool
from gateway.http1.connection import request_head
from gateway.places import GiveBack, Places
from gateway.refusals import BodyTimeout, UpstreamBroken, UpstreamBusy, UpstreamTimeout, UpstreamUnavailable

DOWNLOAD_SECONDS = 120.0
"""How long an answer may take that comes in pieces as the service makes them. Its beginning must come in time."""

LARGEST_PAGE = 4 * 1024 * 1024
FAILING_STATUSES = (502, 504)

_turned_away = meter.create_counter(
    "gateway.upstream.turned_away", description="Requests that no service was asked for."
)


_Received = TypeVar("_Received")
Receiver = Callable[[Connection], Awaitable[_Received]]
"""Takes an answer from its beginning on, while its connection is held."""


class PageFailed(Exception):
    """A service's own page could not be read."""


class Call(NamedTuple):
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


def observe_breakers(upstreams: Sequence["Upstream"]) -> None:
    """Reports by service whether its breaker is open, so that it is not asked for the time being."""

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        for upstream in upstreams:
            yield Observation(int(upstream.breaker.state != "closed"), {"service": upstream.name})

    meter.create_observable_gauge("gateway.breaker.open", [observe], "{breaker}", "1 while a service is not asked")


class Upstream:
    """Asks one service over a pool of kept connections."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name = name
        self.breaker = Breaker()
        self._pool = Pool(base_url)
        self._places = Places()

    def close(self) -> None:
        """Closes idle connections."""
        self._pool.close()

    async def ask(self, call: Call, receive: Receiver[_Received]) -> _Received:
        """What `receive` makes of the service's answer, which it gets at its beginning.

        Raises `UpstreamUnavailable` when the service was not asked, `UpstreamTimeout` and `UpstreamBroken` when it was,
        and what `receive` raises.
        """
        give_back = await self._admit(call.body)
        judged = False

        async def judge_and_receive(answer: Connection) -> _Received:
            nonlocal judged
            judged = True
            self._judge(None, answer.status)
            if answer.length is None:
                answer.deadline.set(time.monotonic() + DOWNLOAD_SECONDS)
            return await receive(answer)

        try:
            return await self._exchange(call, judge_and_receive)
        except BaseException as error:
            failure = call.failure_of_client(error)
            if not judged:
                self._judge(failure or error)
            if (refusal := failure or self._refusal(error)) is None:
                raise
            raise refusal from error
        finally:
            give_back()

    async def _exchange(self, call: Call, receive: Receiver[_Received]) -> _Received:
        connection = await self._pool.take()
        try:
            target = self._pool.prefix + call.target
            await connection.send(
                request_head(call.method, target, self._pool.host, call.headers), call.body, call.until
            )
            return await receive(connection)
        finally:
            self._pool.give_back(connection)

    async def look(self, path: str, headers: dict[str, str], seconds: float) -> tuple[int, bytes]:
        """A small page of the service's own, such as its health: outside of the breaker and the places.

        Raises `PageFailed`.
        """
        call = Call("GET", path, headers, None, time.monotonic() + seconds)
        try:
            return await self._exchange(call, _read_page)
        except (ConnectFailed, BrokenOff, TimeoutError) as error:
            raise PageFailed() from error

    async def is_ready(self, seconds: float) -> bool:
        """Whether the service says within `seconds` that it is ready."""
        try:
            status, _ = await self.look("/health/ready", {}, seconds)
        except PageFailed:
            return False
        return status == 200

    async def _admit(self, body: bytes | Upload | None) -> GiveBack:
        if not self.breaker.admits():
            _turned_away.add(1, {"service": self.name, "reason": "breaker"})
            raise UpstreamBusy(self.name)
        try:
            if isinstance(body, Upload):
                return await self._places.take_for_upload(body.sender)
            return await self._places.take()
        except TimeoutError as error:
            self.breaker.abandoned()
            _turned_away.add(1, {"service": self.name, "reason": "full"})
            raise UpstreamBusy(self.name) from error

    def _judge(self, error: BaseException | None, status: int = 0) -> None:
        # A 500 or 503 is an answer: one broken use case or a pause of online booking must not close the others.
        if isinstance(error, (ConnectFailed, BrokenOff, TimeoutError)) or status in FAILING_STATUSES:
            self.breaker.failed()
        elif error is None:
            self.breaker.succeeded()
        else:
            self.breaker.abandoned()

    def _refusal(self, error: BaseException) -> Refusal | None:
        if isinstance(error, ConnectFailed):
            return UpstreamUnavailable(self.name)
        if isinstance(error, TimeoutError):
            return UpstreamTimeout(self.name)
        if isinstance(error, BrokenOff):
            return UpstreamBroken(self.name)
        return None


async def _read_page(answer: Connection) -> tuple[int, bytes]:
    """The status and the body of a small page. Raises `BrokenOff` for one that is too large."""
    parts, size = [], 0
    async for part in answer.stream():
        parts.append(part)
        size += len(part)
        if size > LARGEST_PAGE:
            raise BrokenOff()
    return answer.status, b"".join(parts)
