"""Faults on demand: what the caller sees, and what happened in truth."""

import pytest
import stripe
from shared.testing.waiting import wait_until

PARAMS = {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}


MINUTE_MS = 60_000


def wait_until_it_strikes(sandbox):
    """The call that the only fault is for has come."""
    wait_until(lambda: sandbox.control("GET", "/faults")["data"][0]["count"] == 0, what="the call")


def create(client, key="k1"):
    return client.v1.payment_intents.create(PARAMS, {"idempotency_key": key})


@pytest.mark.parametrize(("when", "captured"), [("before", 0), ("after", 10_000)])
def test_a_500_is_cached_for_its_key(client, sandbox, when, captured):
    sandbox.fault("status", status=500, when=when, method="POST", count=1)
    for replayed in (False, True):
        with pytest.raises(stripe.APIError) as failed:
            create(client)
        assert failed.value.http_status == 500
        assert ("Idempotent-Replayed" in failed.value.headers) is replayed
    assert sandbox.state()["captured_cents"] == captured


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_500_that_is_not_cached_can_be_asked_again(client, sandbox, when):
    sandbox.fault("status", status=500, when=when, cached=False, count=1)
    with pytest.raises(stripe.APIError):
        create(client)
    assert create(client).status == "succeeded"
    assert sandbox.state()["captured_cents"] == 10_000


@pytest.mark.parametrize(("when", "captured"), [("before", 0), ("after", 10_000)])
def test_a_reset_hides_whether_it_happened_and_the_key_tells(client, sandbox, when, captured):
    sandbox.fault("reset", when=when, count=1)
    with pytest.raises(stripe.APIConnectionError):
        create(client)
    assert sandbox.state()["captured_cents"] == captured
    assert create(client).status == "succeeded"
    assert sandbox.state()["captured_cents"] == 10_000


@pytest.mark.parametrize(("status", "error"), [(429, stripe.RateLimitError), (409, stripe.APIError)])
def test_a_passing_refusal_has_no_effect_and_is_not_kept(client, sandbox, status, error):
    sandbox.fault("status", status=status, count=1)
    with pytest.raises(error) as refused:
        create(client)
    assert refused.value.http_status == status
    assert create(client).status == "succeeded"


@pytest.mark.parametrize(("when", "captured"), [("before", 0), ("after", 10_000)])
def test_latency_outlasts_the_callers_patience(connect, sandbox, when, captured):
    sandbox.fault("latency", latency_ms=10 * MINUTE_MS, when=when, method="POST", count=1)
    with pytest.raises(stripe.APIConnectionError):
        create(connect(sandbox, timeout=1))
    wait_until_it_strikes(sandbox)
    wait_until(lambda: sandbox.state()["captured_cents"] == captured, what="the effect")


def test_a_fault_strikes_only_the_calls_it_names(client, sandbox):
    sandbox.fault("status", status=500, method="POST", path="/v1/payment_intents/*/cancel")
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "usd"})
    with pytest.raises(stripe.APIError):
        client.v1.payment_intents.cancel(intent.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_faults_are_listed_counted_down_and_taken_back(client, sandbox):
    sandbox.fault("status", status=429, count=2)
    rule = sandbox.control("GET", "/faults")["data"][0]
    with pytest.raises(stripe.RateLimitError):
        client.v1.balance.retrieve()
    assert sandbox.control("GET", "/faults")["data"][0]["count"] == 1
    assert sandbox.control("DELETE", f"/faults/{rule['id']}")["data"] == []
    assert client.v1.balance.retrieve().object == "balance"


def test_a_probable_fault_strikes_some_calls(client, sandbox):
    sandbox.fault("status", status=429, probability=0.5)
    refused = 0
    for _ in range(60):
        try:
            client.v1.balance.retrieve()
        except stripe.RateLimitError:
            refused += 1
    assert 5 < refused < 55


def test_others_are_served_while_one_waits(connect, sandbox):
    sandbox.fault("latency", latency_ms=10 * MINUTE_MS, path="/v1/balance", count=1)
    with pytest.raises(stripe.APIConnectionError):
        connect(sandbox, timeout=1).v1.balance.retrieve()
    wait_until_it_strikes(sandbox)
    assert connect(sandbox).v1.payouts.list().data == []
