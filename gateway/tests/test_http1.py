"""The client to the services, against servers that behave in every way."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress

import pytest
from gateway.http1 import BrokenOff, ConnectFailed, Pool
from gateway.http1.connection import request_head
from shared.testing.waiting import wait_until_async


@asynccontextmanager
async def server(answer):
    """Answers each request on each connection with `answer` (bytes, or a call for them); an empty one ends it."""
    connections = []

    async def serve(reader, writer):
        connections.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            data = answer() if callable(answer) else answer
            writer.write(data)
            await writer.drain()
            if not data:
                writer.close()
                return

    async def quietly(reader, writer):
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(quietly, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", connections
    listening.close()


async def until(condition):
    async def ask_it():
        return condition()

    await wait_until_async(ask_it)


async def ask(pool, until=None):
    connection = await pool.take()
    try:
        await connection.send(request_head("GET", "/", pool.host, {}), None, until or in_time())
        return connection.status, await connection.read()
    finally:
        pool.give_back(connection)


def in_time():
    return time.monotonic() + 60


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (OK, (200, b"ok")),
        (CHUNKED, (200, b"ok")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", (304, b"")),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, (200, b"ok")),
        (CHUNKED[:-2] + b"X-Later: 1\r\n\r\n", (200, b"ok")),
    ],
)
async def test_a_connection_is_used_again_after_a_whole_answer(answer, expected):
    async with server(answer) as (url, connections):
        pool = Pool(url)
        for _ in range(3):
            assert await ask(pool) == expected
        assert len(connections) == 1
        pool.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
        OK + b"garbage",
    ],
)
async def test_what_could_mix_up_answers_ends_the_connection(answer):
    async with server(answer) as (url, connections):
        pool = Pool(url)
        for _ in range(2):
            assert await ask(pool) == (200, b"ok")
        assert len(connections) == 2
        pool.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 10_000 + OK[17:],
        b"HTTP/1.1 200 OK\r\n" + b"X-Endless: a\r\n" * 10_000,
        b"no http at all\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_broken_off(answer):
    async with server(answer) as (url, _):
        with pytest.raises(BrokenOff):
            await ask(Pool(url))


async def test_what_follows_a_body_in_pieces_is_no_header():
    async with server(CHUNKED[:-2] + b"Location: /elsewhere\r\n\r\n") as (url, _):
        connection = await Pool(url).take()
        await connection.send(request_head("GET", "/", "host", {}), None, in_time())
        await connection.read()
        assert connection.headers == [(b"transfer-encoding", b"chunked")]
        connection.close()


async def test_a_body_that_ends_too_early_is_broken_off():
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok") as (url, connections):
        asking = asyncio.create_task(ask(Pool(url)))
        await until(lambda: connections)
        connections[0].close()
        with pytest.raises(BrokenOff):
            await asking


async def test_a_closed_idle_connection_is_replaced():
    async with server(OK) as (url, connections):
        pool = Pool(url)
        kept = await pool.take()
        await kept.send(request_head("GET", "/", pool.host, {}), None, in_time())
        assert await kept.read() == b"ok"
        pool.give_back(kept)
        connections[0].close()
        await until(lambda: not kept.is_open)
        assert await ask(pool) == (200, b"ok")
        assert len(connections) == 2
        pool.close()


async def test_a_caller_that_is_cancelled_leaves_no_half_answer_behind():
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok") as (url, connections):
        pool = Pool(url)
        asking = asyncio.create_task(ask(pool))
        await until(lambda: connections)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        connection = await pool.take()
        assert connection.status == 0
        connection.close()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"])
async def test_an_exchange_ends_at_its_deadline(answer):
    answers = [OK, answer]
    async with server(lambda: answers.pop(0)) as (url, connections):
        pool = Pool(url)
        assert await ask(pool) == (200, b"ok")
        until = time.monotonic() + 0.2
        with pytest.raises(TimeoutError):
            await ask(pool, until)
        assert time.monotonic() >= until
        assert len(connections) == 1
        pool.close()


async def test_a_deadline_can_be_set_later_in_the_middle_of_an_answer():
    async with server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n") as (url, connections):
        pool = Pool(url)
        connection = await pool.take()
        await connection.send(request_head("GET", "/", pool.host, {}), None, in_time())
        connection.deadline.set(time.monotonic() + 0.1)
        connection.deadline.set(in_time())
        await asyncio.sleep(0.2)
        connections[0].write(b"0\r\n\r\n")
        assert await connection.read() == b"ok"
        pool.give_back(connection)
        pool.close()


async def test_nobody_there(nobody):
    with pytest.raises(ConnectFailed):
        await ask(Pool(nobody))


@pytest.mark.parametrize("value", ["a\r\nX-Forged: 1", "a\nX-Forged: 1", "a\rb"])
def test_a_header_never_becomes_two(value):
    with pytest.raises(ValueError, match="line break"):
        request_head("GET", "/", "host", {"Accept": value})


REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"


async def upload(pool, connection, body):
    try:
        await connection.send(request_head("POST", "/", pool.host, {}), body, in_time())
        return connection.status, await connection.read()
    finally:
        pool.give_back(connection)


async def test_an_early_answer_ends_an_upload_whose_sender_is_silent():
    async def body():
        yield b"part"
        await asyncio.Event().wait()

    async with server(REFUSED) as (url, connections):
        pool = Pool(url)
        async with asyncio.timeout(60):
            assert await upload(pool, await pool.take(), body()) == (401, b"no")
        assert await ask(pool) == (401, b"no")
        assert len(connections) == 2
        pool.close()


async def test_a_sender_who_leaves_after_an_early_answer_spoils_no_connection():
    async with server(REFUSED) as (url, connections):
        pool = Pool(url)
        connection = await pool.take()

        async def body():
            yield b"part"
            await until(lambda: connection.status == 401)
            raise ConnectionAbortedError

        with suppress(ConnectionAbortedError):
            await upload(pool, connection, body())
        assert await ask(pool) == (401, b"no")
        assert len(connections) == 2
        pool.close()


async def test_a_sender_who_leaves_is_told_from_a_service_that_breaks_off():
    async def body():
        yield b"part"
        raise ConnectionAbortedError

    async with server(OK) as (url, _):
        pool = Pool(url)
        with pytest.raises(ConnectionAbortedError):
            await upload(pool, await pool.take(), body())
