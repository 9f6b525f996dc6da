"""Calls between services end in time, survive callers who leave, and stop for a while when they keep failing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import aiohttp.web
import pytest
from shared.context import correlation_id, deadline
from shared.errors import Unavailable
from shared.http import client as http_client
from shared.http.client import DEADLINE_HEADER, LARGEST_ANSWER, POOL_SIZE, Breaker, ServiceClient
from shared.http.identity import TokenIssuer, TokenVerifier, parse_public_keys
from shared.testing.service import BOOKING_KEY, PUBLIC_KEYS

BUDGET = 90.0


class Upstream:
    """Another service that answers as a test wants."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.held = asyncio.Event()
        self.runner: Any = None

    async def start(self) -> str:
        app = aiohttp.web.Application()
        app.router.add_route("*", "/{kind}", self._answer)
        self.runner = aiohttp.web.AppRunner(app, handler_cancellation=True)
        await self.runner.setup()
        site = aiohttp.web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        host, port = self.runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def _answer(self, request: Any) -> Any:
        self.requests.append(request)
        match request.match_info["kind"]:
            case "fine":
                return aiohttp.web.json_response({"ok": True})
            case "held":
                await self.held.wait()
                return aiohttp.web.json_response({"ok": True})
            case "broken":
                return aiohttp.web.json_response({"error": "no"}, status=500)
            case "refuses":
                return aiohttp.web.json_response({"error": "no"}, status=409)
            case "html":
                return aiohttp.web.Response(text="<html>", content_type="text/html")
            case "redirect":
                return aiohttp.web.Response(status=302, headers={"Location": "/fine"})
            case "huge":
                return aiohttp.web.Response(body=b" " * (LARGEST_ANSWER + 1))
            case _:
                return await self._stream(request)

    async def _stream(self, request: Any) -> Any:
        """More and more, without a length, for as long as anyone listens."""
        response = aiohttp.web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b" " * 65536)
        return response


@pytest.fixture(autouse=True)
def long_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many connections at once take long where the upstream shares its processor with its callers."""
    monkeypatch.setattr(http_client, "CONNECT_SECONDS", BUDGET)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    yield upstream
    upstream.held.set()
    await upstream.runner.cleanup()


@pytest.fixture
async def client(upstream: Upstream) -> AsyncIterator[ServiceClient]:
    client = ServiceClient("payments", await upstream.start(), "booking", TokenIssuer("booking", BOOKING_KEY))
    await client.start()
    yield client
    await client.stop()


async def test_an_answer_is_its_status_and_its_json(client: ServiceClient) -> None:
    answer = await client.post("/fine", {"amount": 1}, BUDGET)
    assert (answer.status, answer.body) == (200, {"ok": True})
    assert (await client.get("/refuses", BUDGET)).status == 409
    assert (await client.get("/redirect", BUDGET)).status == 302


async def test_a_call_carries_who_asks_and_how_long_it_will_be_waited_for(
    client: ServiceClient, upstream: Upstream
) -> None:
    correlation_id.set("request-1")
    deadline.set(asyncio.get_running_loop().time() + 60)
    await client.get("/fine", BUDGET)
    headers = upstream.requests[0].headers
    verifier = TokenVerifier("payments", parse_public_keys(PUBLIC_KEYS))
    assert verifier.verify(headers["Authorization"].removeprefix("Bearer ")).service == "booking"
    assert headers["X-Request-ID"] == "request-1"
    assert 0 < int(headers[DEADLINE_HEADER]) <= 60_000


@pytest.mark.parametrize("path", ["/held", "/html", "/huge", "/stream"])
async def test_an_answer_that_is_late_or_no_json_or_too_large_is_no_answer(client: ServiceClient, path: str) -> None:
    with pytest.raises(Unavailable):
        await client.get(path, 0.2 if path == "/held" else BUDGET)


async def test_an_upstream_that_is_not_there_is_unavailable() -> None:
    client = ServiceClient("payments", "http://127.0.0.1:9", "booking", TokenIssuer("booking", BOOKING_KEY))
    await client.start()
    with pytest.raises(Unavailable):
        await client.get("/fine", BUDGET)
    await client.stop()


async def test_callers_who_leave_take_no_place_in_the_pool_with_them(client: ServiceClient, upstream: Upstream) -> None:
    for _ in range(3):
        leaving = [asyncio.create_task(client.get("/held", BUDGET)) for _ in range(POOL_SIZE + 10)]
        await asyncio.wait(leaving, timeout=0.3)
        for task in leaving:
            task.cancel()
        await asyncio.wait(leaving)
    answers = await asyncio.gather(*(client.get("/fine", BUDGET) for _ in range(POOL_SIZE)))
    assert [answer.status for answer in answers] == [200] * POOL_SIZE
    assert not client.breaker.is_open


async def test_a_caller_out_of_time_does_not_ask_and_says_nothing_about_the_upstream(
    client: ServiceClient, upstream: Upstream
) -> None:
    deadline.set(asyncio.get_running_loop().time() - 1)
    for _ in range(30):
        with pytest.raises(Unavailable):
            await client.get("/fine", BUDGET)
    assert upstream.requests == []
    assert not client.breaker.is_open


async def test_an_upstream_that_keeps_failing_is_left_alone(
    client: ServiceClient, upstream: Upstream, breaker: Breaker
) -> None:
    client.breaker = breaker
    for _ in range(20):
        await client.get("/broken", BUDGET)
    with pytest.raises(Unavailable):
        await client.get("/fine", BUDGET)
    assert len(upstream.requests) == 20


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(now=clock)


def calls(breaker: Breaker, count: int, ok: Callable[[int], bool]) -> None:
    for index in range(count):
        assert breaker.allow()
        breaker.record(ok=ok(index))


def test_it_opens_when_half_of_twenty_calls_fail_and_not_before(breaker: Breaker) -> None:
    calls(breaker, 19, lambda index: index % 2 == 0)
    assert not breaker.is_open
    calls(breaker, 1, lambda index: False)
    assert breaker.is_open
    assert not breaker.allow()


def test_old_failures_are_forgotten(breaker: Breaker, clock: Clock) -> None:
    calls(breaker, 19, lambda index: False)
    clock.now += 11
    calls(breaker, 1, lambda index: False)
    assert not breaker.is_open


def opened(breaker: Breaker, clock: Clock) -> None:
    calls(breaker, 20, lambda index: False)
    assert not breaker.allow()
    clock.now += 5.1


def test_after_five_seconds_one_call_probes_and_its_success_closes(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock)
    assert [breaker.allow() for _ in range(3)] == [True, False, False]
    breaker.record(ok=True)
    calls(breaker, 10, lambda index: index > 0)
    assert breaker.allow()


def test_a_probe_that_fails_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock)
    assert breaker.allow()
    breaker.record(ok=False)
    assert not breaker.allow()
    clock.now += 5.1
    assert breaker.allow()


def test_a_probe_whose_caller_left_proves_nothing_and_another_may_probe(breaker: Breaker, clock: Clock) -> None:
    opened(breaker, clock)
    assert breaker.allow()
    breaker.abandon()
    assert [breaker.allow() for _ in range(2)] == [True, False]


def test_calls_from_before_it_opened_do_not_speak_for_the_probe(breaker: Breaker, clock: Clock) -> None:
    assert breaker.allow()
    opened(breaker, clock)
    breaker.record(ok=True)
    assert breaker.allow()
    breaker.record(ok=False)
    assert not breaker.allow()


async def test_a_cancelled_probe_leaves_the_way_open_for_the_next(client: ServiceClient, upstream: Upstream) -> None:
    clock = Clock()
    client.breaker = Breaker(now=clock)
    opened(client.breaker, clock)
    probe = asyncio.create_task(client.get("/held", BUDGET))
    await asyncio.wait([probe], timeout=0.2)
    probe.cancel()
    await asyncio.wait([probe])
    assert (await client.get("/fine", BUDGET)).status == 200
    assert (await client.get("/fine", BUDGET)).status == 200
