"""Customers and the cards they save."""

import pytest
import stripe


@pytest.fixture
def customer(client):
    return client.v1.customers.create({"email": "ann@example.com", "metadata": {"account_id": "a-1"}})


def test_a_customer_is_changed_listed_and_forgotten(client, customer):
    client.v1.customers.update(customer.id, {"name": "Ann", "phone": "+12125550100"})
    assert client.v1.customers.retrieve(customer.id).name == "Ann"
    assert [one.id for one in client.v1.customers.list({"email": "ann@example.com"}).data] == [customer.id]
    assert client.v1.customers.delete(customer.id).deleted
    assert client.v1.customers.retrieve(customer.id).deleted
    assert client.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": 10_000, "currency": "usd", "customer": customer.id})


def test_a_card_is_attached_listed_made_default_and_detached(client, customer):
    method = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    assert (method.card.brand, method.card.last4, method.customer) == ("mastercard", "4444", customer.id)
    listed = client.v1.payment_methods.list({"customer": customer.id, "type": "card"})
    assert [one.id for one in listed.data] == [method.id]
    settings = {"invoice_settings": {"default_payment_method": method.id}}
    assert client.v1.customers.update(customer.id, settings).invoice_settings.default_payment_method == method.id
    assert client.v1.payment_methods.detach(method.id).customer is None
    assert client.v1.customers.payment_methods.list(customer.id).data == []


def test_a_detached_card_cannot_be_detached_again(client):
    method = client.v1.payment_methods.create({"type": "card", "card": {"number": "5555555555554444"}})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_methods.detach(method.id)


def test_a_detached_card_pays_nothing_any_more(client, customer):
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.payment_methods.detach(method.id)
    intent = client.v1.payment_intents.create({"amount": 10_000, "currency": "usd", "customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": method.id})


def test_a_declining_card_is_not_attached_but_one_that_only_fails_charges_is(client, customer):
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})
    method = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    params = {"amount": 10_000, "currency": "usd", "customer": customer.id, "payment_method": method.id}
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.create(params | {"confirm": True, "off_session": True})


def test_a_saved_card_pays_for_its_owner_only(client, customer, pay):
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert pay(method.id, customer=customer.id, off_session=True).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        pay(method.id)


def test_setup_future_usage_saves_the_card(client, customer, pay):
    pay("pm_card_visa", customer=customer.id, setup_future_usage="off_session")
    assert len(client.v1.customers.payment_methods.list(customer.id).data) == 1


def test_a_setup_intent_saves_a_card_from_the_browser(client, browser, receiver, customer):
    intent = client.v1.setup_intents.create({"customer": customer.id, "metadata": {"account_id": "a-1"}})
    params = {"client_secret": intent.client_secret, "payment_method": "pm_card_visa"}
    saved = browser.v1.setup_intents.confirm(intent.id, params)
    assert (saved.status, saved.usage) == ("succeeded", "off_session")
    assert client.v1.payment_methods.retrieve(saved.payment_method).customer == customer.id
    assert receiver.arrivals("setup_intent.succeeded")[0].event["data"]["object"]["id"] == intent.id


def test_a_card_set_up_with_a_challenge_pays_without_one(client, sandbox, customer, pay):
    intent = client.v1.setup_intents.create({"customer": customer.id})
    card = {"type": "card", "card": {"number": "4000002500003155"}}
    asked = client.v1.setup_intents.confirm(intent.id, {"payment_method_data": card})
    assert asked.status == "requires_action"
    sandbox.control("POST", f"/setup_intents/{intent.id}/authenticate", {"outcome": "succeed"})
    saved = client.v1.setup_intents.retrieve(intent.id)
    assert saved.status == "succeeded"
    assert pay(saved.payment_method, customer=customer.id, off_session=True).status == "succeeded"


def test_a_setup_intent_that_is_declined_can_be_tried_again_or_cancelled(client, customer):
    intent = client.v1.setup_intents.create({"customer": customer.id})
    with pytest.raises(stripe.CardError) as declined:
        client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})
    assert declined.value.error.setup_intent.last_setup_error.code == "card_declined"
    assert client.v1.setup_intents.cancel(intent.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "setup_intent_unexpected_state"
