"""Events and their deliveries."""

import asyncio
import time

import pytest
import stripe
from shared.testing.waiting import wait_until
from stripe_sandbox.store import Store
from stripe_sandbox.webhooks import MAX_IN_FLIGHT, Dispatcher, WebhookPolicy


def test_each_step_of_a_payment_is_told_with_a_signature_that_holds(client, sandbox, receiver, pay):
    intent = pay()
    arrival = receiver.arrivals("payment_intent.succeeded")[0]
    event = stripe.Webhook.construct_event(arrival.body, arrival.signature, sandbox.webhook_secret)
    assert event.data.object.id == intent.id
    assert event.api_version == "2026-10-28.endive"
    told = ["payment_intent.created", "charge.succeeded", "charge.updated", "payment_intent.succeeded"]
    receiver.wait_until(lambda: len(receiver.told()) >= len(told))
    assert sorted(receiver.told()) == sorted(told)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(arrival.body, arrival.signature, "whsec_other")


def test_an_event_names_the_request_and_what_was_before(client, receiver, pay):
    intent = pay()
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000}, {"idempotency_key": "refund:1"})
    event = receiver.arrivals("charge.refunded")[0].event
    assert event["request"]["idempotency_key"] == "refund:1"
    assert event["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert event["data"]["object"]["amount_refunded"] == 4_000


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("pm_card_authenticationRequired", "payment_intent.requires_action"),
        ("pm_card_processing", "payment_intent.processing"),
    ],
)
def test_waiting_states_are_told(receiver, pay, card, told):
    intent = pay(card)
    assert receiver.arrivals(told)[0].event["data"]["object"]["id"] == intent.id


def test_a_decline_is_told(receiver, pay):
    with pytest.raises(stripe.CardError):
        pay("pm_card_chargeDeclined")
    failed = receiver.arrivals("payment_intent.payment_failed")[0].event["data"]["object"]
    assert failed["last_payment_error"]["decline_code"] == "generic_decline"
    assert receiver.arrivals("charge.failed")


def test_a_refused_delivery_comes_again(client, receiver, pay):
    receiver.refuse(3)
    intent = pay()
    assert receiver.arrivals("payment_intent.succeeded")[0].event["data"]["object"]["id"] == intent.id
    receiver.wait_until(lambda: len(receiver.told()) == 4)


def test_dropped_events_are_found_undelivered(client, sandbox, receiver, pay):
    sandbox.webhooks(drop=True)
    intent = pay()
    sandbox.webhooks(drop=False)
    pay()
    receiver.arrivals("payment_intent.succeeded")
    both = {"dropped": 4, "delivered": 4}
    wait_until(lambda: sandbox.state()["deliveries"] == both, what="all deliveries to be acknowledged")
    undelivered = client.v1.events.list({"type": "payment_intent.succeeded", "delivery_success": False})
    assert [event.data.object.id for event in undelivered.data] == [intent.id]
    assert undelivered.data[0].pending_webhooks == 1
    assert intent.id not in [arrival.event["data"]["object"]["id"] for arrival in receiver.arrivals("charge.updated")]


def test_paused_deliveries_wait_for_the_resume(client, sandbox, receiver, pay):
    sandbox.webhooks(paused=True)
    pay()
    assert sandbox.state()["deliveries"] == {"waiting": 4}
    assert receiver.types() == []
    sandbox.webhooks(paused=False)
    receiver.wait_until(lambda: len(receiver.told()) == 4)


def test_duplicates_come_shuffled(sandbox, receiver, pay):
    sandbox.webhooks(duplicates=4, shuffle_seconds=0.5)
    pay()
    assert len({one.event["id"] for one in receiver.arrivals("payment_intent.succeeded", at_least=5)}) == 1
    receiver.wait_until(lambda: len(receiver.types()) >= 20)
    assert receiver.types() != sorted(receiver.types(), key=receiver.types().index)


def test_an_event_is_replayed_with_its_id(client, sandbox, receiver, pay):
    pay()
    first = receiver.arrivals("payment_intent.succeeded")[0].event
    sandbox.control("POST", "/webhooks/replay", {"event": first["id"], "times": 2})
    again = receiver.arrivals("payment_intent.succeeded", at_least=3)
    assert {arrival.event["id"] for arrival in again} == {first["id"]}


def test_all_events_are_replayed(client, sandbox, receiver, pay):
    pay()
    receiver.wait_until(lambda: len(receiver.told()) == 4)
    assert sandbox.control("POST", "/webhooks/replay", {"times": 3, "shuffle_seconds": 0.2}) == {"events": 4}
    receiver.wait_until(lambda: len(receiver.types()) >= 16)
    assert len(receiver.told()) == 4


def test_events_are_listed_by_type_and_read(client, receiver, pay):
    pay()
    types = ["payment_intent.created", "payment_intent.succeeded"]
    listed = client.v1.events.list({"types": types}).data
    assert [event.type for event in listed] == types[::-1]
    assert client.v1.events.retrieve(listed[0].id).type == types[1]
    assert len(client.v1.events.list({"type": "charge.*"}).data) == 2


def test_an_unknown_control_is_refused(sandbox):
    with pytest.raises(OSError, match="400"):
        sandbox.webhooks(lose=True)


async def test_deliveries_that_are_given_up_before_they_began_leave_their_places(tmp_path, receiver):
    store, policy = Store(tmp_path), WebhookPolicy(receiver.url)
    store.add({"id": "evt_1", "object": "event", "type": "payout.paid"})
    for _ in range(MAX_IN_FLIGHT):
        policy.enqueue(store, "evt_1", time.time())
    dispatcher = Dispatcher(store, policy, "whsec_1")
    running = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0)
    dispatcher.start_over(policy)
    assert await asyncio.to_thread(receiver.arrivals, "payout.paid", at_least=MAX_IN_FLIGHT)
    running.cancel()
    await asyncio.wait({running})
    store.close()
