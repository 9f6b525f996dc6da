"""Which headers pass, and which every answer carries."""

import re
import time

import pytest

CATALOG = "/api/bookings/services/"


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Real-IP",
        "X-User-Id",
        "X-Internal-Caller",
        "X_Forwarded_For",
        "X_User_Id",
        "Cookie",
        "Accept-Encoding",
        "Proxy-Authorization",
        "TE",
    ],
)
def test_headers_that_services_believe_do_not_pass(client, services, name):
    client.get(CATALOG, headers={name: "spoofed"})
    assert "spoofed" not in services.last.headers.values()


def test_an_identity_of_the_client_is_replaced_by_ours(client, services):
    client.get(CATALOG, headers={"Authorization": "Bearer forged"})
    caller = services.last.caller("catalog")
    assert (caller.kind, caller.ip) == ("anonymous", "127.0.0.1")


def test_the_useful_headers_pass(client, services):
    sent = {"If-None-Match": '"v1"', "Idempotency-Key": "k" * 16, "User-Agent": "Firefox", "Accept": "text/csv"}
    client.post("/api/bookings/pricing-preview/", json={"a": 1}, headers=sent)
    assert services.last.body == b'{"a":1}'
    assert {name: services.last.headers[name.lower()] for name in sent} == sent


def test_services_are_told_how_long_anybody_waits(start_gateway, services):
    with start_gateway({"budgets": 1}).client() as client:
        started = time.monotonic()
        assert client.get(CATALOG).status_code == 200
        passed = (time.monotonic() - started) * 1000
    assert 10_000 - passed - 1 <= int(services.last.headers["x-request-deadline-ms"]) <= 10_000


def test_a_header_named_in_connection_does_not_pass(client, services):
    client.get(CATALOG, headers={"Connection": "If-None-Match", "If-None-Match": '"v1"'})
    assert "if-none-match" not in services.last.headers


def test_what_tells_of_the_service_is_dropped(client, services):
    told = {"Server": "uvicorn", "Set-Cookie": "a=b", "X-Powered-By": "x", "Location": f"{services.url}/x"}
    services.behaviour = services.make_reply(201, {}, told)
    answer = client.post("/api/bookings/pricing-preview/", json={})
    assert answer.status_code == 201
    assert not {name.lower() for name in told} & set(answer.headers)


def test_a_location_within_the_api_passes(client, services):
    services.behaviour = services.make_reply(201, {}, {"Location": "/api/customers/bookings/1/"})
    assert client.post("/api/bookings/pricing-preview/", json={}).headers["location"] == "/api/customers/bookings/1/"


def test_every_answer_is_named_and_traced(client):
    for path in (CATALOG, "/nowhere", "/api/health/"):
        answer = client.get(path)
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", answer.headers["traceparent"])
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/nowhere").json()["trace_id"] != ""


def test_a_trace_that_the_browser_began_goes_on(client, services):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = client.get(CATALOG, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert answer.headers["traceparent"] == services.last.headers["traceparent"]
    assert answer.headers["traceparent"].split("-")[1] == trace
    assert answer.headers["traceparent"].endswith("-00"), "nothing is recorded here, whatever the browser wants"


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-DEF_1.~", True), ("short", False), ("a b c d e f", False), ("x" * 129, False)]
)
def test_a_request_id_is_kept_if_it_is_harmless(client, services, given, kept):
    answer = client.get(CATALOG, headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert services.last.headers["x-request-id"] == answer.headers["x-request-id"]


def test_public_answers_may_be_kept_and_personal_ones_never(client, services):
    services.behaviour = services.make_reply(200, {}, {"Cache-Control": "public, max-age=60", "ETag": '"v1"'})
    assert client.get(CATALOG).headers["cache-control"] == "public, max-age=60"
    assert client.get("/api/bookings/booking-status/TT-20260101-0001/").headers["cache-control"] == "no-store"


def test_not_modified_passes_without_a_body(client, services):
    async def not_modified(recorded, send):
        await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"v1"')]})
        await send({"type": "http.response.body"})

    services.behaviour = not_modified
    answer = client.get(CATALOG, headers={"If-None-Match": '"v1"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"v1"')
