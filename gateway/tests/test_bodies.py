"""Bodies are counted as they come; unsafe requests run to their end when the client leaves."""

import socket

import pytest
from gateway.places import MOST_IN_FLIGHT
from shared.testing.waiting import wait_until

PREVIEW = "/api/bookings/pricing-preview/"
WEBHOOK = "/api/payments/webhooks/stripe/"
LOGIN = "/api/customers/auth/login/"
KIB = 1024


def chunks_of(size):
    for start in range(0, size, 8 * KIB):
        yield b" " * min(8 * KIB, size - start)


@pytest.mark.parametrize("path_and_limit", [(PREVIEW, 64 * KIB), (WEBHOOK, 256 * KIB)])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_may_have_its_limit_and_not_a_byte_more(client, services, path_and_limit, chunked):
    path, limit = path_and_limit
    headers = {"Content-Type": "application/json"}
    whole = list(chunks_of(limit)) if chunked else b" " * limit
    assert client.post(path, content=whole, headers=headers).status_code == 200
    assert len(services.last.body) == limit
    services.requests.clear()
    larger = list(chunks_of(limit + 1)) if chunked else b" " * (limit + 1)
    answer = client.post(path, content=larger, headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (413, "body_too_large")
    assert services.requests == []


def test_a_declared_size_is_refused_before_it_is_sent(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        connection.sendall(
            f"POST {PREVIEW} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            f"Content-Length: {10**9}\r\n\r\n".encode()
        )
        assert connection.makefile("rb").readline().split()[1] == b"413"


def send_and_leave(gateway, path=PREVIEW):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
        connection.sendall(head.encode() + b"{}")
        yield
    yield


def test_a_request_runs_to_its_end_when_the_client_leaves(gateway, services, vouching, store):
    held = services.hold(vouching())
    leaving = send_and_leave(gateway, LOGIN)
    next(leaving)
    assert held.entered.acquire(timeout=60)
    next(leaving)
    held.release()
    wait_until(lambda: store("KEYS", "session:*"), 60, "what follows the service's answer")


def test_clients_that_leave_cost_no_places(start_gateway, services):
    gateway = start_gateway(RATE_LIMITS_ENABLED="false")
    for _ in range(2):
        held = services.hold()
        leaving = [send_and_leave(gateway) for _ in range(MOST_IN_FLIGHT)]
        for client in leaving:
            next(client)
        for _ in leaving:
            assert held.entered.acquire(timeout=60)
        for client in leaving:
            next(client)
        held.release()
    services.behaviour = services.make_reply()
    with gateway.client() as client:
        assert [client.post(PREVIEW, json={}).status_code for _ in range(70)] == [200] * 70


def test_a_service_gets_a_bounded_number_of_requests_at_once(start_gateway, services):
    gateway = start_gateway({"places.QUEUE_SECONDS": 1}, RATE_LIMITS_ENABLED="false")
    held = services.hold()
    waiting = [send_and_leave(gateway) for _ in range(64)]
    for client in waiting:
        next(client)
    for _ in waiting:
        assert held.entered.acquire(timeout=60)
    with gateway.client() as client:
        answer = client.post(PREVIEW, json={})
        assert (answer.status_code, answer.json()["error_code"]) == (503, "service_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert not held.entered.acquire(blocking=False)
        services.behaviour = services.make_reply(200, {"of": "another service"})
        assert client.get("/api/payments/status/TT-20260101-0001/").json() == {"of": "another service"}
        services.behaviour = held
        held.release()
        wait_until(lambda: client.post(PREVIEW, json={}).status_code == 201, 60, "a place")


def test_a_request_that_never_became_complete_reaches_no_service(start_gateway, services):
    gateway = start_gateway()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        head = f"POST {PREVIEW} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
        connection.sendall(head.encode() + b"{")
    with gateway.client() as client:
        assert client.get("/api/bookings/services/").status_code == 200
    # What it has begun it brings to an end before it stops.
    gateway.terminate()
    assert gateway.exit_code() == 0
    assert [request.method for request in services.requests] == ["GET"]


def test_large_answers_are_streamed(client, services):
    async def large(recorded, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
        for _ in range(64):
            await send({"type": "http.response.body", "body": b"x" * 16 * KIB, "more_body": True})
        await send({"type": "http.response.body"})

    services.behaviour = large
    answer = client.get("/api/staff/payments/")
    assert (len(answer.content), answer.headers["transfer-encoding"]) == (KIB * KIB, "chunked")
    services.behaviour = services.make_reply()
    assert client.get("/api/staff/payments/").json() == {"ok": True}


def test_an_answer_that_breaks_off_is_seen_as_broken(gateway, services):
    async def broken(recorded, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("the stand-in dies here")

    services.behaviour = broken
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        connection.sendall(b"GET /api/staff/payments/ HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert b"half" in answer
    assert not answer.endswith(b"0\r\n\r\n")
    wait_until(lambda: services.requests, what="the request to arrive")
