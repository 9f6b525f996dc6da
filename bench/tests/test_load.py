"""The load generator, against a small server of its own."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bench.load import Figures, LoadFailed, Request, lua, parse_figures, put_load
from bench.tools import SEARCH_PATH

needs_wrk = pytest.mark.skipif(not shutil.which("wrk", path=SEARCH_PATH), reason="wrk is installed by `make bench`")


class Target:
    """A server that remembers what it was asked, and refuses every request to /refused."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[tuple[str, str, dict[str, str], str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, request.path, dict(request.headers), await request.text()))
        return web.Response(status=503 if request.path == "/refused" else 200, text="ok")


@asynccontextmanager
async def a_target() -> AsyncIterator[Target]:
    target = Target()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", target.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    target.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield target
    await runner.cleanup()


async def loaded(requests: Sequence[Request], least: int, **options: Any) -> tuple[Figures, Target]:
    """A load of a second on a new target; once more where the machine stood still and fewer than `least` came."""
    while True:
        async with a_target() as target:
            figures = await put_load(target.url, requests, 1, **options)
        if figures.requests >= least:
            return figures, target


@needs_wrk
async def test_each_request_has_a_number_of_its_own():
    body = {"email": "ada{n}@example.com", "note": 'quotes " and \\ and é'}
    request = Request.post("/book", body, {"Idempotency-Key": "key-{n}"})
    _, target = await loaded([request], least=11, connections=2)
    keys = {headers["Idempotency-Key"] for _, _, headers, _ in target.seen}
    documents = [json.loads(text) for _, _, _, text in target.seen]
    assert len(keys) == len({document["email"] for document in documents}) == len(target.seen) > 10
    assert {document["note"] for document in documents} == {body["note"]}


@needs_wrk
async def test_requests_come_from_as_many_networks_as_wanted():
    _, target = await loaded([Request.get("/")], least=6, clients=5)
    networks = {headers["X-Forwarded-For"].rpartition(".")[0] for _, _, headers, _ in target.seen}
    assert len(networks) == 5


@needs_wrk
async def test_requests_are_sent_in_turn():
    _, target = await loaded([Request.get("/one", {"Cookie": "a=1"}), Request.get("/two")], least=4, connections=1)
    paths = [path for _, path, _, _ in target.seen]
    assert paths[0] != paths[1]
    assert paths[:2] * (len(paths) // 2) == paths[: len(paths) // 2 * 2]


@needs_wrk
async def test_figures_count_requests_and_refusals():
    good, _ = await loaded([Request.get("/")], least=1)
    bad, _ = await loaded([Request.get("/refused")], least=1)
    assert good.failures == 0
    assert bad.failures == bad.requests > 0
    assert 0 < good.p50_ms <= good.p99_ms
    assert good.per_second == pytest.approx(good.requests / good.seconds)


@needs_wrk
async def test_two_loads_share_no_client():
    first, second = [(await loaded([Request.get("/")], least=1))[1] for _ in range(2)]
    clients = [{headers["X-Forwarded-For"] for _, _, headers, _ in target.seen} for target in (first, second)]
    assert not clients[0] & clients[1]


def test_an_output_without_figures_is_a_failure():
    with pytest.raises(LoadFailed, match="unable to connect"):
        parse_figures("unable to connect to 127.0.0.1:1")


@needs_wrk
async def test_a_server_that_is_not_there_is_a_failure():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody_listens = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(LoadFailed):
            await asyncio.wait_for(put_load(nobody_listens, [Request.get("/")], 1), 120)


def test_bytes_that_are_not_plain_are_written_by_number():
    assert 'path = "/caf\\195\\169\\034"' in lua([Request.get('/café"')])
