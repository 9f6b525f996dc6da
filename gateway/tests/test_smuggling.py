"""Requests whose end two programs could see at different places are refused, and their connection ends."""

import asyncio
import socket
from contextlib import suppress
from types import SimpleNamespace

import pytest
from gateway.server import write_in_one_piece
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

PREVIEW = b"POST /api/bookings/pricing-preview/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
HIDDEN = b"GET /api/staff/payments/ HTTP/1.1\r\nHost: a\r\n\r\n"


def exchange(gateway, sent: bytes) -> bytes:
    """All that comes back until the gateway ends the connection."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        parts = []
        # The gateway may end the connection while there is still something to send, and says why all the same.
        with suppress(ConnectionError):
            connection.sendall(sent)
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 46\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: 2, 2\r\n\r\n{}",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 0x2\r\n\r\n{}",
        b"Content-Length : 2\r\n\r\n{}",
        b" Content-Length: 2\r\n\r\n{}",
        b"Transfer-Encoding: identity\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"X-A: 1\x00\r\nContent-Length: 2\r\n\r\n{}",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}",
        b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_ambiguous_requests_are_refused_and_nothing_behind_them_is_served(gateway, services, headers):
    answer = exchange(gateway, PREVIEW + headers + HIDDEN)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"application/problem+json" in answer
    assert b"x-request-id: " in answer
    assert services.requests == []


def test_expect_is_refused(gateway, services):
    answer = exchange(gateway, PREVIEW + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 417 ")
    assert services.requests == []


def test_a_request_without_a_host_is_refused(gateway, services):
    answer = exchange(gateway, b"GET /api/bookings/services/ HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert services.requests == []


@pytest.mark.parametrize("head", [b"X-Long: " + b"a" * 20_000, b"".join(b"X-%d: a\r\n" % n for n in range(3000))])
def test_heads_are_bounded(gateway, services, head):
    answer = exchange(gateway, b"GET /api/bookings/services/ HTTP/1.1\r\nHost: a\r\n" + head.strip() + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert services.requests == []


def test_a_head_without_end_is_cut_off(gateway):
    assert exchange(gateway, b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 100_000).startswith(b"HTTP/1.1 431 ")


def test_a_chunked_body_is_framed_anew(gateway, services):
    chunks = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n"
    assert exchange(gateway, PREVIEW + chunks).startswith(b"HTTP/1.1 200 ")
    assert services.last.body == b"{}"
    assert services.last.headers["content-length"] == "2"
    assert "transfer-encoding" not in services.last.headers


def test_a_sound_request_gets_its_answer_though_garbage_follows(gateway, services):
    answer = exchange(gateway, PREVIEW + b"Content-Length: 2\r\n\r\n{}" + b"\x00garbage\r\n\r\n" + HIDDEN)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert len(services.requests) == 1


def test_requests_in_one_go_are_answered_in_order(gateway, services):
    first = PREVIEW + b"Content-Length: 2\r\n\r\n{}"
    last = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = exchange(gateway, first + last)
    assert answer.index(b"HTTP/1.1 200 ") < answer.index(b"HTTP/1.1 404 ")


LAST = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "answers", "body_of_first"),
    [
        (b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + LAST, 2, True),
        (b"HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + LAST, 2, False),
        (LAST, 1, True),
        (b"GET /nowhere HTTP/1.0\r\nHost: a\r\n\r\n", 1, True),
    ],
)
def test_each_answer_says_how_long_it_is_and_whether_the_connection_goes_on(gateway, sent, answers, body_of_first):
    *whole, last = exchange(gateway, sent).split(b"HTTP/1.1 404 Not Found\r\n")[1:]
    assert len(whole) + 1 == answers
    for answer in (*whole, last):
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n"))
        assert lines[b"content-type"] == b"application/problem+json"
        assert (lines.get(b"connection") == b"close") == (answer is last)
        expected = int(lines[b"content-length"]) if answer is last or body_of_first else 0
        assert len(body) == expected


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: x=y", b"a\nb", b"a\rb"])
async def test_an_answers_header_never_becomes_two(value):
    written: list[bytes] = []
    transport = SimpleNamespace(write=written.append, pause_reading=None, resume_reading=None)
    cycle = RequestResponseCycle(
        scope={"method": "GET"},
        transport=transport,
        flow=FlowControl(transport),
        logger=None,
        access_logger=None,
        access_log=False,
        default_headers=[],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=True,
        on_response=lambda: None,
    )
    assert not write_in_one_piece(cycle, 200, [(b"location", value)], b"")
    assert not written
    assert write_in_one_piece(cycle, 200, [(b"location", b"/a")], b"b")
    assert written == [b"HTTP/1.1 200 OK\r\nlocation: /a\r\n\r\nb"]
