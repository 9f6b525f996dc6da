"""Unsafe requests need proof that our own page sent them."""

import pytest

PREVIEW = "/api/bookings/pricing-preview/"
LOGIN = "/api/customers/auth/login/"
OWN = "https://app.totetaxi.test"


def test_a_visitor_without_a_session_needs_no_token(client):
    assert client.post(PREVIEW, json={}).status_code == 200


def test_the_token_of_a_session_lets_its_requests_pass(client, log_in):
    log_in(client)
    assert client.post(PREVIEW, json={}).status_code == 200


def test_a_token_fetched_later_is_as_good(client, log_in):
    log_in(client)
    client.headers["X-CSRFToken"] = client.get("/api/customers/csrf-token/").json()["csrf_token"]
    assert client.cookies["csrftoken"] == client.headers["X-CSRFToken"]
    assert client.post(PREVIEW, json={}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("token", [None, "", "forged", "0" * 32 + "." + "0" * 64])
def test_a_session_without_its_token_changes_nothing(client, services, log_in, method, token):
    log_in(client)
    services.requests.clear()
    del client.headers["X-CSRFToken"]
    path = {"POST": PREVIEW, "PUT": "/api/customers/profile/", "DELETE": "/api/customers/auth/sessions/"}[method]
    answer = client.request(method, path, json={}, headers={} if token is None else {"X-CSRFToken": token})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "csrf_failed")
    assert services.requests == []


def test_the_cookie_alone_is_no_proof(client, log_in):
    log_in(client)
    del client.headers["X-CSRFToken"]
    assert client.cookies["csrftoken"]
    assert client.post(PREVIEW, json={}).status_code == 403


def test_a_token_of_another_session_or_of_a_visitor_is_no_proof(gateway, log_in):
    with gateway.client() as ada, gateway.client() as eve, gateway.client() as visitor:
        log_in(ada)
        log_in(eve, account_id="01900000-0000-7000-8000-00000000000e")
        loose = visitor.get("/api/customers/csrf-token/").json()["csrf_token"]
        for token in (eve.headers["X-CSRFToken"], loose):
            assert ada.post(PREVIEW, json={}, headers={"X-CSRFToken": token}).status_code == 403


def test_reads_need_no_token(client, log_in):
    log_in(client)
    del client.headers["X-CSRFToken"]
    assert client.get("/api/customers/profile/").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://app.totetaxi.test.evil.test"}, 403),
        ({"Origin": "http://app.totetaxi.test"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": OWN, "Sec-Fetch-Site": "cross-site"}, 200),
        ({"Origin": OWN}, 200),
    ],
)
def test_other_sites_cannot_send_unsafe_requests_even_without_a_session(client, services, headers, status):
    answer = client.post(LOGIN, json={}, headers=headers)
    assert answer.status_code == status
    assert bool(services.requests) is (status == 200)


def test_our_own_host_is_an_allowed_origin(client, gateway):
    assert client.post(PREVIEW, json={}, headers={"Origin": gateway.url}).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", ""],
)
def test_only_json_is_taken(client, services, content_type):
    answer = client.post(PREVIEW, content=b"{}", headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error_code"]) == (415, "unsupported_media_type")
    assert services.requests == []


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_may_name_its_charset(client, content_type):
    assert client.post(PREVIEW, content=b"{}", headers={"Content-Type": content_type}).status_code == 200


def test_a_body_is_not_needed(client):
    assert client.post(PREVIEW).status_code == 200


def test_webhooks_need_neither_token_nor_origin_and_bring_no_session(client, services, log_in):
    log_in(client)
    del client.headers["X-CSRFToken"]
    headers = {"Stripe-Signature": "t=1,v1=x", "Content-Type": "text/plain", "Origin": "https://stripe.test"}
    answer = client.post("/api/payments/webhooks/stripe/", content=b'{ "raw":1 }', headers=headers)
    assert answer.status_code == 200
    assert services.last.body == b'{ "raw":1 }'
    assert services.last.headers["stripe-signature"] == "t=1,v1=x"
    assert services.last.caller("payments").kind == "anonymous"
