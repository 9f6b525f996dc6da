"""The process: what it refuses to start with, how it stops, and HTTPS outside development."""

import gc
import os
import select
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest
from gateway.composition import build
from gateway.intake import TARGET
from gateway.server import Door
from gateway.settings import Settings
from shared.testing.waiting import wait_until

REQUEST = b"GET /api/bookings/services/ HTTP/1.1\r\nHost: a\r\n\r\n"
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "k" * 40,
    "ALLOWED_HOSTS": "api.totetaxi.test,127.0.0.1",
    "CORS_ALLOWED_ORIGINS": "",
}


def test_sigterm_lets_what_is_in_hand_finish(start_gateway, services):
    gateway = start_gateway()
    held = services.hold()
    statuses = []

    def ask():
        with gateway.client() as client:
            statuses.append(client.post("/api/bookings/pricing-preview/", json={}).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    assert held.entered.acquire(timeout=60)
    gateway.terminate()
    wait_until(lambda: not gateway.is_live(), 60, "the gateway to take nothing new")
    held.release()
    asking.join(60)
    assert statuses == [201]
    assert gateway.exit_code() == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": "change-me"}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"IDENTITY_PRIVATE_KEY": "x"}, "IDENTITY_PRIVATE_KEY"),
        ({"IDENTITY_PUBLIC_KEYS": ""}, "IDENTITY_PUBLIC_KEYS"),
        ({"TRUSTED_PROXIES": "everyone"}, "everyone"),
        ({"CORS_ALLOWED_ORIGINS": "https://app.totetaxi.test,http://localhost:3000"}, "CORS_ALLOWED_ORIGINS"),
        ({"SESSION_COOKIE_SECURE": "false"}, "SESSION_COOKIE_SECURE"),
        ({"CSRF_COOKIE_SECURE": "false"}, "CSRF_COOKIE_SECURE"),
    ],
)
def test_unsafe_settings_stop_the_start_with_a_sentence(changed, sentence):
    good = PRODUCTION | {"IDENTITY_PRIVATE_KEY": "A" * 43 + "=", "IDENTITY_PUBLIC_KEYS": "gateway=" + "A" * 43 + "="}
    environment = {**os.environ, **good, **changed}
    ended = subprocess.run([sys.executable, "-m", "gateway", "api"], env=environment, capture_output=True, timeout=120)
    assert ended.returncode == 2
    assert sentence in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()


@pytest.fixture
def production(start_gateway):
    with start_gateway(**PRODUCTION).client(headers={"X-Forwarded-Proto": "https"}) as client:
        yield client


def test_plain_requests_go_to_the_safe_address(production, services):
    plain = {"X-Forwarded-Proto": "http", "Host": "api.totetaxi.test"}
    answer = production.get("/api/bookings/services/?a=1", headers=plain)
    assert (answer.status_code, answer.headers["location"]) == (
        301,
        "https://api.totetaxi.test/api/bookings/services/?a=1",
    )
    assert production.post("/api/bookings/pricing-preview/", json={}, headers=plain).status_code == 308
    assert services.requests == []


def test_safe_answers_tell_browsers_to_stay(production):
    answer = production.get("/api/bookings/services/")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_cookies_are_for_https_only(production, log_in):
    assert all("; Secure" in cookie for cookie in log_in(production).headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.test", 400),
        ("api.totetaxi.test:443", 200),
        ("API.totetaxi.test", 200),
        ("api.totetaxi.test:@evil.test", 400),
        ("api.totetaxi.test:443/evil", 400),
    ],
)
def test_only_our_hosts_are_served(production, host, status):
    assert production.get("/api/bookings/services/", headers={"Host": host}).status_code == status


def test_probes_and_services_come_by_other_names_without_https(production, service_token):
    del production.headers["X-Forwarded-Proto"]
    inside = {"Host": "gateway:8000"}
    assert production.get("/health/live", headers=inside).status_code == 200
    inside["Authorization"] = f"Bearer {service_token('customers')}"
    body = {"account_id": "01900000-0000-7000-8000-000000000001", "access_version": 2}
    assert production.post("/internal/sessions/end", json=body, headers=inside).json() == {"ended": 0}


def test_a_quiet_connection_is_closed_and_a_busy_one_is_not(start_gateway, services):
    gateway = start_gateway({"server.KEEP_ALIVE_SECONDS": 3})
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        _ask(connection)
        held = services.hold()
        connection.sendall(REQUEST)
        assert held.entered.acquire(timeout=60)
        assert _stays_open(connection, 3.2)
        held.release()
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")
        services.reset()
        for _ in range(2):
            assert _stays_open(connection, 1.6)
            _ask(connection)
        quiet_since = time.monotonic()
        assert connection.recv(65536) == b""
        assert time.monotonic() - quiet_since > 2.9


def _stays_open(connection, seconds):
    """Whether neither an answer nor the end comes for so long."""
    return select.select([connection], [], [], seconds) == ([], [], [])


def _ask(connection):
    connection.sendall(REQUEST)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_request_leaves_nothing_to_the_collector(serve_here, in_process_settings, redis_url, services):
    """What is freed by the collector alone piles up until it stops the whole process for a while."""
    settings = Settings(**in_process_settings, redis_url=redis_url, catalog_url=services.url)
    with serve_here(build(settings), http=Door) as url, httpx.Client(base_url=url, trust_env=False) as client:
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            assert {client.get("/api/bookings/services/").status_code for _ in range(20)} == {200}
            gc.collect()
            left = [one for one in gc.garbage if isinstance(one, dict) and TARGET in one]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
    assert left == []
