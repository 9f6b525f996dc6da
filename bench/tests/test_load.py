"""The load generator, against a small server of its own."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bench.load import LoadFailed, Request, lua, parse_figures, put_load
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


@pytest.fixture
async def target() -> AsyncIterator[Target]:
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


@needs_wrk
async def test_each_request_has_a_number_of_its_own(target: Target):
    body = {"email": "ada{n}@example.com", "note": 'quotes " and \\ and é'}
    await put_load(target.url, [Request.post("/book", body, {"Idempotency-Key": "key-{n}"})], 1, connections=2)
    keys = {headers["Idempotency-Key"] for _, _, headers, _ in target.seen}
    documents = [json.loads(text) for _, _, _, text in target.seen]
    assert len(keys) == len({document["email"] for document in documents}) == len(target.seen) > 10
    assert {document["note"] for document in documents} == {body["note"]}


@needs_wrk
async def test_requests_come_from_as_many_networks_as_wanted(target: Target):
    await put_load(target.url, [Request.get("/")], 1, clients=5)
    networks = {headers["X-Forwarded-For"].rpartition(".")[0] for _, _, headers, _ in target.seen}
    assert len(networks) == 5


@needs_wrk
async def test_requests_are_sent_in_turn(target: Target):
    await put_load(target.url, [Request.get("/one", {"Cookie": "a=1"}), Request.get("/two")], 1, connections=1)
    paths = [path for _, path, _, _ in target.seen]
    assert paths[0] != paths[1]
    assert paths[:2] * (len(paths) // 2) == paths[: len(paths) // 2 * 2]


@needs_wrk
async def test_figures_count_requests_and_refusals(target: Target):
    good, bad = (
        await put_load(target.url, [Request.get("/")], 1),
        await put_load(target.url, [Request.get("/refused")], 1),
    )
    assert good.failures == 0
    assert bad.failures == bad.requests > 0
    assert 0 < good.p50_ms <= good.p99_ms
    assert good.per_second == pytest.approx(good.requests / good.seconds)


@needs_wrk
async def test_two_loads_share_no_client(target: Target):
    await put_load(target.url, [Request.get("/first")], 1)
    await put_load(target.url, [Request.get("/second")], 1)
    clients = {
        path: {headers["X-Forwarded-For"] for _, seen, headers, _ in target.seen if seen == path}
        for path in ("/first", "/second")
    }
    assert not clients["/first"] & clients["/second"]


def test_an_output_without_figures_is_a_failure():
    with pytest.raises(LoadFailed, match="unable to connect"):
        parse_figures("unable to connect to 127.0.0.1:1")


@needs_wrk
async def test_a_server_that_is_not_there_is_a_failure():
    with pytest.raises(LoadFailed):
        await asyncio.wait_for(put_load("http://127.0.0.1:9", [Request.get("/")], 1), 30)


def test_bytes_that_are_not_plain_are_written_by_number():
    assert 'path = "/caf\\195\\169\\034"' in lua([Request.get('/café"')])
