"""Killed at any moment and started again, the sandbox goes on from where it was."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

PARAMS = {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}


def test_undelivered_webhooks_go_on_after_a_kill(connect, own_sandbox, receiver):
    receiver.refuse(1_000)
    intent = connect(own_sandbox).v1.payment_intents.create(PARAMS)
    own_sandbox.kill()
    assert receiver.types() == []
    receiver.refuse(0)
    own_sandbox.start()
    assert receiver.arrivals("payment_intent.succeeded")[0].event["data"]["object"]["id"] == intent.id


def test_consequences_and_controls_outlive_a_kill(connect, own_sandbox, receiver):
    own_sandbox.fault("status", status=429, path="/v1/balance")
    connect(own_sandbox).v1.payment_intents.create(PARAMS | {"payment_method": "pm_card_createDispute"})
    own_sandbox.kill()
    own_sandbox.start()
    assert receiver.arrivals("charge.dispute.created")
    with pytest.raises(stripe.RateLimitError):
        connect(own_sandbox).v1.balance.retrieve()


def test_a_kill_amid_payments_leaves_each_done_or_not_begun(connect, own_sandbox):
    def attempt(number):
        try:
            return connect(own_sandbox).v1.payment_intents.create(PARAMS, {"idempotency_key": f"k{number}"}).id
        except stripe.APIConnectionError:
            return None

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(attempt, number) for number in range(80)]
        next(call for call in calls if call.result())
        own_sandbox.kill()
        answered = [call.result() for call in calls]
    own_sandbox.start()
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(attempt, range(80)))
    assert [now for now, before in zip(again, answered, strict=True) if before not in {None, now}] == []
    assert own_sandbox.state()["captured_cents"] == 80 * 10_000
    assert set(own_sandbox.state()["captures"].values()) == {1}
