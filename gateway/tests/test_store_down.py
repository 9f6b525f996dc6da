"""Without its store the gateway goes on as far as it can."""

import psutil
import pytest
from shared.testing.servers import ValkeyServer
from shared.testing.waiting import wait_until

GUEST = "/api/bookings/guest-booking/"
USER = "/api/customers/auth/user/"


@pytest.fixture
def own_store(tmp_path):
    server = ValkeyServer(tmp_path / "valkey", durable=False).start()
    yield server
    server.kill()


def test_limits_fall_back_sessions_wait_and_public_pages_go_on(start_gateway, own_store, services, log_in):
    gateway = start_gateway(REDIS_URL=own_store.url)
    with gateway.client() as ada, gateway.client() as visitor:
        log_in(ada)
        assert ada.get(USER).status_code == 200
        own_store.kill()
        services.requests.clear()

        refused = ada.get(USER)
        assert (refused.status_code, refused.json()["error_code"]) == (503, "sessions_unavailable")
        assert int(refused.headers["retry-after"]) > 0
        assert "set-cookie" not in refused.headers
        assert services.requests == []

        assert visitor.post("/api/customers/auth/login/", json={}).status_code == 503
        assert services.requests == []
        assert [visitor.post(GUEST, json={}).status_code for _ in range(4)] == [200, 200, 200, 429]
        assert ada.get("/api/bookings/services/").status_code == 200
        assert visitor.post("/api/payments/webhooks/stripe/", content=b"{}").status_code == 200

        health = visitor.get("/api/health/")
        assert health.status_code == 200
        assert (health.json()["status"], health.json()["parts"]["sessions"]) == ("degraded", "down")
        ready = visitor.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")

        own_store.start()
        wait_until(lambda: ada.get(USER).status_code == 200, 60, "the session to be known again")
        assert services.last.caller("customers").kind == "customer"


def test_a_new_password_counts_although_its_sessions_end_later(start_gateway, own_store, services):
    gateway = start_gateway(REDIS_URL=own_store.url)
    own_store.kill()
    shut_out = {"account_id": "01900000-0000-7000-8000-000000000001", "access_version": 2}
    services.behaviour = services.make_reply(200, {"message": "Done.", "shut_out": shut_out})
    with gateway.client() as visitor:
        answer = visitor.post("/api/customers/auth/password-reset/confirm/", json={})
    assert (answer.status_code, answer.json()) == (200, {"message": "Done."})


def test_a_store_that_hangs_is_given_up_on(start_gateway, own_store, log_in):
    patient = start_gateway(REDIS_URL=own_store.url)
    gateway = start_gateway({"valkey.TIMEOUT": 0.25}, REDIS_URL=own_store.url)
    store = psutil.Process(own_store.pid)
    with patient.client() as client:
        log_in(client)
        client.base_url = gateway.url
        wait_until(lambda: client.get(USER).status_code == 200, 60, "the session to be known")
        store.suspend()
        try:
            wait_until(lambda: store.status() == psutil.STATUS_STOPPED, 60, "the store to stand still")
            assert client.get(USER).status_code == 503
        finally:
            store.resume()
        wait_until(lambda: client.get(USER).status_code == 200, 60, "the session to be known again")
