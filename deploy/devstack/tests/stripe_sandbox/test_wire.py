"""HTTP as browsers and careless callers speak it."""

from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest


def ask(sandbox, method, path, data=None, **headers):
    return urlopen(Request(f"{sandbox.api_base}{path}", data, headers, method=method), timeout=60)


def test_a_browser_may_ask_from_any_origin(sandbox):
    preflight = ask(sandbox, "OPTIONS", "/v1/payment_intents/pi_1/confirm", Origin="http://shop.test")
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    with pytest.raises(HTTPError) as refused:
        ask(sandbox, "GET", "/v1/payment_intents/pi_1", Origin="http://shop.test")
    assert (refused.value.code, refused.value.headers["Access-Control-Allow-Origin"]) == (401, "*")


def test_the_key_may_travel_in_the_form(client, sandbox):
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "usd"})
    form = {
        "key": sandbox.publishable_key,
        "client_secret": intent.client_secret,
        "payment_method_data[type]": "card",
        "payment_method_data[card][number]": "4242424242424242",
    }
    answer = ask(sandbox, "POST", f"/v1/payment_intents/{intent.id}/confirm", urlencode(form).encode())
    assert (answer.status, answer.headers["Stripe-Version"]) == (200, "2026-10-28.endive")
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"amount=%FF%FE&currency=usd", 400),
        (b"amount[a]=1&amount=2&currency=usd", 400),
        (b"metadata=1&metadata[a]=2&amount=500&currency=usd", 400),
        (b"amount[]=500&currency=usd", 400),
        (b"expand=x&amount=500&currency=usd", 400),
        (b"expand[]=nothing&amount=500&currency=usd", 400),
        (b"amount=" + "٥٠٠".encode() + b"&currency=usd", 400),
        (b"", 400),
    ],
)
def test_malformed_forms_are_refused(sandbox, data, status):
    bearer = {"Authorization": f"Bearer {sandbox.secret_key}"}
    with pytest.raises(HTTPError) as refused:
        ask(sandbox, "POST", "/v1/payment_intents", data, **bearer)
    assert refused.value.code == status
    assert sandbox.state()["payment_intents"] == {}


def test_an_unknown_address_is_told_as_stripe_does(sandbox):
    with pytest.raises(HTTPError) as unknown:
        ask(sandbox, "GET", "/v1/invoices")
    assert unknown.value.code == 404
    assert b"Unrecognized request URL" in unknown.value.read()


def test_the_challenge_page_leads_back_to_the_shop(sandbox, pay):
    intent = pay("pm_card_threeDSecure2Required", return_url=f"{sandbox.api_base}/health/live?from=shop")
    page = intent.next_action.redirect_to_url.url.removeprefix(sandbox.api_base)
    assert "$100.00" in ask(sandbox, "GET", page).read().decode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    back = ask(sandbox, "POST", page, b"outcome=succeed", **form)
    assert "from=shop&payment_intent=pi_" in back.url
    assert back.url.endswith("redirect_status=succeeded")


def test_intents_are_inspected_by_metadata(client, sandbox):
    made = [
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "metadata": {"booking_id": name}}).id
        for name in ("b-1", "b-2")
    ]
    found = sandbox.control("GET", "/payment_intents?metadata[booking_id]=b-2&status=requires_payment_method")
    assert [intent["id"] for intent in found["data"]] == made[1:]
