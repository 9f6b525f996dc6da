"""Sessions outlive the processes that know them."""

import pytest
from shared.testing.servers import ValkeyServer
from shared.testing.waiting import wait_until

USER, SESSIONS, LOGOUT = "/api/customers/auth/user/", "/api/customers/auth/sessions/", "/api/customers/auth/logout/"
HOUR_MS = 3_600_000


@pytest.fixture
def own_store(tmp_path):
    server = ValkeyServer(tmp_path / "valkey", durable=False).start()
    yield server
    server.kill()


def goes_on(browser, services):
    """The session is known, in the list, and takes its own CSRF token."""
    wait_until(lambda: browser.get(USER).status_code == 200, 60, "the session to be known")
    assert services.last.caller("customers").email == "ada@example.com"
    assert [session["current"] for session in browser.get(SESSIONS).json()["results"]] == [True]
    assert browser.put("/api/customers/preferences/", json={}).status_code == 200


def test_sessions_survive_a_restart_of_the_gateway(start_gateway, own_store, services, log_in):
    first = start_gateway(REDIS_URL=own_store.url)
    with first.client() as browser:
        log_in(browser)
        first.terminate()
        assert first.exit_code() == 0
        second = start_gateway(REDIS_URL=own_store.url)
        browser.base_url = second.url
        goes_on(browser, services)
        assert browser.post(LOGOUT, json={}).status_code == 200
        browser.get(USER)
        assert services.last.caller("customers").kind == "anonymous"


@pytest.mark.parametrize("end", [ValkeyServer.stop, ValkeyServer.kill])
def test_sessions_survive_a_restart_of_the_store(start_gateway, own_store, services, log_in, end):
    gateway = start_gateway(REDIS_URL=own_store.url)
    with gateway.client() as browser:
        log_in(browser)
        end(own_store)
        own_store.start()
        goes_on(browser, services)


@pytest.mark.parametrize(
    ("kind", "rests", "lives"), [("customer", 30 * 24, 90 * 24), ("staff", 8, 24)], ids=["customer", "staff"]
)
def test_how_long_a_session_may_rest_and_live(client, log_in, store, kind, rests, lives):
    log_in(client, kind)
    (session,) = store("KEYS", "session:*")
    idle, until, created = (int(value) for value in store("HMGET", session, "idle", "until", "created"))
    assert (idle, until - created) == (rests * HOUR_MS, lives * HOUR_MS)
    assert rests * HOUR_MS - 60_000 < store("PTTL", session) <= rests * HOUR_MS
