"""PaymentIntents as the official library sees them."""

import time

import pytest
import stripe


def create(client, **more):
    return client.v1.payment_intents.create({"amount": 10_000, "currency": "usd", **more})


def test_an_intent_starts_without_a_payment_method(client):
    intent = create(client, metadata={"booking_id": "b-1"}, receipt_email="ann@example.com")
    assert (intent.status, intent.amount, intent.currency) == ("requires_payment_method", 10_000, "usd")
    assert intent.metadata["booking_id"] == "b-1"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.automatic_payment_methods.enabled


def test_a_good_card_pays_the_whole_amount(client):
    intent = create(client)
    client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    paid = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    assert (paid.status, paid.amount_received) == ("succeeded", 10_000)
    assert paid.latest_charge.paid
    transaction = paid.latest_charge.balance_transaction
    assert (transaction.fee, transaction.net) == (320, 9_680)


def test_the_browser_confirms_with_the_client_secret_and_a_card_number(client, browser):
    intent = create(client)
    card = {"type": "card", "card": {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    confirmed = browser.v1.payment_intents.confirm(
        intent.id, {"client_secret": intent.client_secret, "payment_method_data": card}
    )
    assert confirmed.status == "succeeded"
    seen = browser.v1.payment_intents.retrieve(intent.id, {"client_secret": intent.client_secret})
    assert seen.status == "succeeded"


@pytest.mark.parametrize("secret", [{}, {"client_secret": "pi_1_secret_2"}])
def test_the_browser_needs_the_right_client_secret(client, browser, secret):
    intent = create(client)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        browser.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", **secret})
    assert refused.value.param == "client_secret"
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_the_publishable_key_creates_nothing(browser):
    with pytest.raises(stripe.PermissionError):
        create(browser)


def test_a_wrong_key_is_refused(connect, sandbox):
    with pytest.raises(stripe.AuthenticationError):
        create(connect(sandbox, "sk_test_wrong"))


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_declined_card_is_told_and_another_can_follow(client, card, code, decline_code):
    intent = create(client)
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": card})
    assert (declined.value.http_status, declined.value.code) == (402, code)
    assert declined.value.error.decline_code == decline_code
    assert declined.value.error.payment_intent.id == intent.id
    after = client.v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.last_payment_error.code) == ("requires_payment_method", code)
    assert client.v1.charges.retrieve(after.latest_charge).status == "failed"
    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize("number", ["4000000000000002", "4000000000009995"])
def test_declining_numbers_decline(client, number):
    data = {"type": "card", "card": {"number": number}}
    with pytest.raises(stripe.CardError):
        create(client, confirm=True, payment_method_data=data)


def test_an_unknown_number_is_incorrect(client):
    data = {"type": "card", "card": {"number": "4111111111111112"}}
    with pytest.raises(stripe.CardError) as refused:
        create(client, confirm=True, payment_method_data=data)
    assert refused.value.code == "incorrect_number"
    assert client.v1.payment_intents.list().data == []


def test_a_challenge_that_is_completed_pays(client, sandbox, pay):
    intent = pay("pm_card_authenticationRequired")
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")
    assert sandbox.authenticate(intent.id)["status"] == "succeeded"
    charge = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]}).latest_charge
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_a_challenge_that_fails_asks_for_another_card(client, sandbox, pay):
    intent = pay("pm_card_authenticationRequired", return_url="https://shop.test/back")
    assert intent.next_action.redirect_to_url.return_url == "https://shop.test/back"
    sandbox.authenticate(intent.id, "fail")
    after = client.v1.payment_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_challenge_without_the_buyer_declines(pay):
    with pytest.raises(stripe.CardError) as declined:
        pay("pm_card_authenticationRequired", off_session=True)
    assert declined.value.code == "authentication_required"


@pytest.mark.parametrize(
    ("card", "outcome", "status"),
    [
        ("pm_card_processing", "succeed", "succeeded"),
        ("pm_card_processingFails", "fail", "requires_payment_method"),
    ],
)
def test_a_slow_payment_is_processing_until_it_settles(client, sandbox, pay, card, outcome, status):
    sandbox.control("POST", "/settling", {"after_seconds": None})
    by_itself, by_hand = pay(card), pay(card)
    assert by_itself.status == "processing"
    sandbox.control("POST", f"/payment_intents/{by_hand.id}/settle", {"outcome": outcome})
    sandbox.control("POST", "/settle")
    for intent in (by_itself, by_hand):
        assert client.v1.payment_intents.retrieve(intent.id).status == status


def test_cancelling_ends_an_open_intent_only(client, pay):
    cancelled = client.v1.payment_intents.cancel(create(client).id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    for action in (client.v1.payment_intents.confirm, client.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            action(cancelled.id)
        assert refused.value.code == "payment_intent_unexpected_state"
        assert refused.value.error.payment_intent.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(pay().id)


def test_a_paid_intent_cannot_be_confirmed_again(client, pay):
    intent = pay()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_updates_change_what_is_given(client):
    intent = create(client, metadata={"a": "1", "b": "2"})
    changes = {"amount": 7_500, "description": "Move", "metadata": {"b": "", "c": "3"}}
    updated = client.v1.payment_intents.update(intent.id, changes)
    assert (updated.amount, updated.description) == (7_500, "Move")
    assert updated.metadata.to_dict() == {"a": "1", "c": "3"}


def test_the_amount_of_a_paid_intent_stays(client, pay):
    intent = pay()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.update(intent.id, {"amount": 7_500})
    assert client.v1.payment_intents.update(intent.id, {"metadata": {"note": "x"}}).amount == 10_000


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"amount": 49}, "amount"),
        ({"amount": 100_000_000}, "amount"),
        ({"amount": "ten"}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": ""}, "amount"),
        ({"currency": "xyz"}, "currency"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"payment_method": "pm_nothing"}, "payment_method"),
        ({"colour": "blue"}, "colour"),
        ({"metadata": {"k" * 41: "v"}}, "metadata"),
        ({"setup_future_usage": "sometimes"}, "setup_future_usage"),
        ({"off_session": True}, "off_session"),
    ],
)
def test_bad_parameters_are_named(client, params, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        create(client, **params)
    assert (refused.value.http_status, refused.value.param) == (400, param)
    assert client.v1.payment_intents.list().data == []


def test_an_unknown_intent_is_not_found(client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_nothing")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_lists_page_newest_first_and_narrow(client):
    customer = client.v1.customers.create({"name": "Ann"}).id
    made = [create(client, customer=customer).id for _ in range(5)]
    create(client)
    first = client.v1.payment_intents.list({"customer": customer, "limit": 2})
    assert ([one.id for one in first.data], first.has_more) == (made[:2:-1], True)
    assert [one.id for one in first.auto_paging_iter()] == made[::-1]
    back = client.v1.payment_intents.list({"customer": customer, "limit": 2, "ending_before": made[0]})
    assert [one.id for one in back.data] == [made[2], made[1]]
    future = {"created": {"gte": int(time.time()) + 60}}
    assert client.v1.payment_intents.list(future).data == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata['payment_id']:'it\\'s-7'", ["seven"]),
        ('metadata["payment_id"]:"8" AND status:"requires_payment_method"', ["eight"]),
        ("metadata['payment_id']:'8' and status:'succeeded'", []),
        ("amount>10000", ["eight"]),
        ("-metadata['payment_id']:'8' AND currency:'usd'", ["seven"]),
        ("metadata['other']:'8'", []),
    ],
)
def test_search_finds_by_metadata_at_once(client, query, found):
    names = {
        create(client, metadata={"payment_id": "it's-7"}).id: "seven",
        create(client, metadata={"payment_id": "8"}, amount=10_001).id: "eight",
    }
    answer = client.v1.payment_intents.search({"query": query})
    assert [names[intent.id] for intent in answer.data] == found


@pytest.mark.parametrize("query", ["nonsense", "metadata['a']:'b' OR status:'x'", "status:'x' AND", "secret:'x'"])
def test_a_query_that_makes_no_sense_is_refused(client, query):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.search({"query": query})
