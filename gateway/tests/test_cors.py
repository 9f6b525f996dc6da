"""Scripts of named origins may read our answers; nobody else's."""

import pytest
from gateway.settings import DEVELOPMENT_ORIGINS, Settings

OWN = "https://app.totetaxi.test"
CATALOG = "/api/bookings/services/"


def test_a_named_origin_reads_answers_with_cookies(client):
    headers = client.get(CATALOG, headers={"Origin": OWN}).headers
    assert headers["access-control-allow-origin"] == OWN
    assert headers["access-control-allow-credentials"] == "true"
    exposed = set(headers["access-control-expose-headers"].split(", "))
    assert {"ETag", "Retry-After", "X-Request-ID", "Idempotency-Replayed", "RateLimit-Remaining"} <= exposed
    assert "Content-Disposition" in exposed, "a download needs its file's name"
    assert headers["vary"] == "Origin"


def test_refusals_are_readable_too(client):
    answer = client.get("/nowhere", headers={"Origin": OWN})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, OWN)


@pytest.mark.parametrize("origin", ["https://evil.test", "null", f"{OWN}.evil.test", OWN.replace("https", "http")])
def test_other_origins_read_nothing(client, origin):
    headers = client.get(CATALOG, headers={"Origin": origin}).headers
    assert "access-control-allow-origin" not in headers
    assert headers["vary"] == "Origin"


def test_preflights_are_answered_here(client, services):
    ask = {"Origin": OWN, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-csrftoken"}
    answer = client.options("/api/customers/profile/", headers=ask)
    assert answer.status_code == 204
    admitted = answer.headers["access-control-allow-headers"]
    assert all(name in admitted for name in ("Idempotency-Key", "If-None-Match", "X-CSRFToken", "Content-Type"))
    assert {"Accept", "Authorization", "X-Requested-With"} <= set(admitted.split(", "))
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert services.requests == []


def test_preflights_of_others_allow_nothing(client):
    ask = {"Origin": "https://evil.test", "Access-Control-Request-Method": "PUT"}
    answer = client.options("/api/customers/profile/", headers=ask)
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(("debug", "origins"), [(True, DEVELOPMENT_ORIGINS), (False, "")])
def test_nobody_is_allowed_by_default_outside_development(in_process_settings, debug, origins):
    settings = Settings(**in_process_settings | {"debug": debug, "allowed_hosts": "api.totetaxi.test"})
    assert ",".join(settings.allowed_origins) == origins
