"""One key, one effect, one answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from shared.testing.waiting import wait_until

IN_USE = (409, "idempotency_key_in_use")
PARAMS = {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}


def create(client, key, **more):
    return client.v1.payment_intents.create(PARAMS | more, {"idempotency_key": key})


def test_the_same_call_gets_the_first_answer_again(client, sandbox):
    first, second = create(client, "k1"), create(client, "k1")
    assert first.id == second.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id
    assert sandbox.state()["captured_cents"] == 10_000


def test_the_first_answer_stays_although_the_object_moved_on(client):
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, {"idempotency_key": "k1"})
    client.v1.payment_intents.cancel(intent.id)
    again = client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, {"idempotency_key": "k1"})
    assert again.status == "requires_payment_method"


def test_a_key_with_other_parameters_or_another_path_is_refused(client):
    intent = create(client, "k1")
    with pytest.raises(stripe.IdempotencyError):
        create(client, "k1", amount=20_000)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.refunds.create({"payment_intent": intent.id}, {"idempotency_key": "k1"})


def test_a_decline_is_remembered_and_happens_once(client, sandbox):
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            create(client, "k1", payment_method="pm_card_chargeDeclined")
    assert sandbox.state()["events"]["charge.failed"] == 1


def test_a_parameter_that_fails_its_check_leaves_the_key_free(client):
    with pytest.raises(stripe.InvalidRequestError):
        create(client, "k1", amount=1)
    assert create(client, "k1").status == "succeeded"


def test_a_twin_under_way_is_in_use(connect, sandbox):
    sandbox.fault("latency", latency_ms=600_000, path="/v1/payment_intents", count=1)
    with pytest.raises(stripe.APIConnectionError):
        create(connect(sandbox, timeout=1), "k1")
    wait_until(lambda: sandbox.control("GET", "/faults")["data"][0]["count"] == 0, what="the first call")
    with pytest.raises(stripe.APIError) as refused:
        create(connect(sandbox), "k1")
    assert (refused.value.http_status, refused.value.error.code) == IN_USE


def test_twins_at_once_have_one_effect_and_one_answer(connect, sandbox):
    sandbox.fault("latency", latency_ms=300, path="/v1/payment_intents")
    clients = [connect(sandbox) for _ in range(4)]

    def outcome(client):
        try:
            return create(client, "k1").id
        except stripe.APIError as error:
            return (error.http_status, error.error.code)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(outcome, clients))
    assert {one for one in outcomes if not isinstance(one, str)} <= {IN_USE}
    assert {one for one in outcomes if isinstance(one, str)} == {create(connect(sandbox), "k1").id}
    assert sandbox.state()["captured_cents"] == 10_000


def test_reading_needs_no_key_and_ignores_one(client, pay):
    intent = pay()
    for _ in range(2):
        read = client.v1.payment_intents.retrieve(intent.id, {}, {"idempotency_key": "k1"})
        assert "Idempotent-Replayed" not in read.last_response.headers
