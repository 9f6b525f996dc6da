"""Services that are slow, dead or break off."""

import asyncio
import socket
import threading

import pytest
from gateway.breaker import OPEN_SECONDS, Breaker
from shared.testing.collector import collecting
from shared.testing.waiting import wait_until

CATALOG = "/api/bookings/services/"
PREVIEW = "/api/bookings/pricing-preview/"
STATUS = "/api/payments/status/TT-20260101-0001/"


@pytest.fixture
def resetting_service():
    """Takes each request and ends the connection without an answer; its list holds what it got."""
    got: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                got.append(connection.recv(65536))

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", got
    server.close()


def test_a_dead_service_is_unavailable(start_gateway, nobody):
    with start_gateway(CATALOG_URL=nobody, BOOKING_URL=nobody).client() as client:
        for answer in (client.get(CATALOG), client.post(PREVIEW, json={})):
            assert (answer.status_code, answer.json()["error_code"]) == (503, "service_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert "127.0.0.1" not in answer.text


def test_a_service_that_breaks_off_is_a_bad_gateway_and_only_reads_are_tried_again(start_gateway, resetting_service):
    url, got = resetting_service
    with start_gateway(CATALOG_URL=url, BOOKING_URL=url).client() as client:
        answer = client.post(PREVIEW, json={})
        assert (answer.status_code, answer.json()["error_code"]) == (502, "bad_gateway")
        assert len(got) == 1
        assert client.get(CATALOG).status_code == 502
        assert len(got) == 3


def test_a_slow_service_is_a_timeout(start_gateway, services):
    held = services.hold()
    with start_gateway({"budgets": 0.1}).client() as client:
        answer = client.get("/api/customers/bookings/")
    held.release()
    assert (answer.status_code, answer.json()["error_code"]) == (504, "gateway_timeout")


def test_a_download_that_has_begun_may_take_longer(start_gateway, services):
    async def in_pieces(recorded, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
        await send({"type": "http.response.body", "body": b"first\n", "more_body": True})
        await asyncio.sleep(11)
        await send({"type": "http.response.body", "body": b"last\n"})

    services.behaviour = in_pieces
    with start_gateway({"budgets": 1}).client() as client:
        assert client.get("/api/staff/bookings/").text == "first\nlast\n"


@pytest.mark.parametrize("status", [502, 503])
def test_a_read_is_tried_once_more(client, services, status):
    answers = [services.make_reply(status, {}), services.make_reply(200, {"second": True})]

    async def first_fails(recorded, send):
        await answers.pop(0)(recorded, send)

    services.behaviour = first_fails
    assert client.get(CATALOG).json() == {"second": True}
    assert len(services.requests) == 2


def test_a_change_is_never_tried_again(client, services):
    services.behaviour = services.make_reply(503, {"error_code": "booking_paused"}, {"Retry-After": "60"})
    answer = client.post(PREVIEW, json={})
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (
        503,
        {"error_code": "booking_paused"},
        "60",
    )
    assert len(services.requests) == 1


def test_the_breaker_spares_a_service_that_keeps_failing_and_only_it(start_gateway, resetting_service):
    url, got = resetting_service
    time_stands_still = {"breaker.WINDOW_SECONDS": 600, "breaker.OPEN_SECONDS": 600}
    gateway = start_gateway(time_stands_still, BOOKING_URL=url, RATE_LIMITS_ENABLED="false")
    with gateway.client() as client:
        statuses = [client.post(PREVIEW, json={}).status_code for _ in range(40)]
        assert statuses == [502] * 20 + [503] * 20
        assert len(got) == 20
        assert client.get(STATUS).status_code == 200


def test_the_collector_hears_whose_breaker_is_open(start_gateway, nobody):
    with collecting() as collector:
        telemetry = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_METRIC_EXPORT_INTERVAL": "200"}
        settings = {"BOOKING_URL": nobody, "RATE_LIMITS_ENABLED": "false", **telemetry}
        still = {"breaker.WINDOW_SECONDS": 600, "breaker.OPEN_SECONDS": 600}
        with start_gateway(still, **settings).client() as client:
            wait_until(lambda: collector.gauges.get("gateway.breaker.open{booking}") == 0, 60, "a closed breaker")
            assert [client.post(PREVIEW, json={}).status_code for _ in range(21)] == [503] * 21
            wait_until(lambda: collector.gauges["gateway.breaker.open{booking}"] == 1, 60, "an open breaker")
    others = {name: value for name, value in collector.gauges.items() if name.startswith("gateway.breaker.open")}
    assert others.pop("gateway.breaker.open{booking}") == 1
    assert set(others.values()) == {0}
    assert len(others) == 4


def test_the_collector_hears_how_long_requests_take_to_the_hundredth_of_a_second(start_gateway):
    with collecting() as collector:
        telemetry = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_METRIC_EXPORT_INTERVAL": "200"}
        with start_gateway(**telemetry).client() as client:
            client.get(STATUS)
            wait_until(lambda: "gateway.request.duration" in collector.buckets, 60, "how long it took")
    assert {0.01, 0.05, 0.1, 0.5, 1, 10} <= set(collector.buckets["gateway.request.duration"])


def test_errors_of_single_use_cases_open_no_breaker(client, services):
    services.behaviour = services.make_reply(500, {})
    assert {client.get(STATUS).status_code for _ in range(40)} == {500}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def opened(clock):
    breaker = Breaker(clock)
    for _ in range(20):
        breaker.failed()
    return breaker


def test_few_or_mixed_calls_leave_the_breaker_closed():
    breaker = Breaker(Clock())
    for _ in range(19):
        breaker.failed()
    assert breaker.admits()
    for _ in range(20):
        breaker.succeeded()
    breaker.failed()
    assert breaker.state == "open"


def test_old_failures_do_not_count():
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(19):
        breaker.failed()
    clock.now += 10
    breaker.failed()
    assert breaker.admits()


def test_one_probe_decides():
    clock = Clock()
    breaker = opened(clock)
    assert not breaker.admits()
    clock.now += OPEN_SECONDS
    assert breaker.admits()
    assert not breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    clock.now += OPEN_SECONDS
    assert breaker.admits()
    breaker.succeeded()
    assert breaker.admits()
    assert breaker.admits()


def test_a_probe_that_told_nothing_is_followed_by_another():
    clock = Clock()
    breaker = opened(clock)
    clock.now += OPEN_SECONDS
    assert breaker.admits()
    breaker.abandoned()
    assert breaker.admits()
