"""Refunds, disputes and the balance they leave."""

import pytest
import stripe


def test_a_whole_refund_empties_the_charge(client, pay):
    intent = pay()
    refund = client.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 10_000, intent.latest_charge)
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (10_000, True)


def test_partial_refunds_add_up_and_never_exceed(client, pay):
    intent = pay()
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    client.v1.refunds.create({"charge": intent.latest_charge, "amount": 5_000})
    with pytest.raises(stripe.InvalidRequestError) as too_large:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_001})
    assert too_large.value.param == "amount"
    rest = client.v1.refunds.create({"payment_intent": intent.id})
    assert rest.amount == 1_000
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert nothing_left.value.code == "charge_already_refunded"
    listed = client.v1.refunds.list({"payment_intent": intent.id})
    assert sum(refund.amount for refund in listed.data) == 10_000


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_gives_something_back(client, pay, amount):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": pay().id, "amount": amount})


def test_what_was_not_paid_is_not_refunded(client):
    intent = client.v1.payment_intents.create({"amount": 10_000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({})


def test_a_refund_that_fails_later_frees_its_amount(client, sandbox, receiver, pay):
    intent = pay("pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    assert refund.status == "succeeded"
    sandbox.control("POST", "/settle")
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert client.v1.charges.retrieve(refund.charge).amount_refunded == 0
    told = receiver.arrivals("refund.failed")[0].event
    assert told["data"]["previous_attributes"]["status"] == "succeeded"


def test_a_pending_refund_succeeds_later(client, sandbox, receiver, pay):
    refund = client.v1.refunds.create({"payment_intent": pay("pm_card_pendingRefund").id})
    assert refund.status == "pending"
    receiver.arrivals("refund.updated")
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_a_dispute_follows_the_charge_and_can_be_lost(client, sandbox, receiver, pay):
    intent = pay("pm_card_createDispute")
    told = receiver.arrivals("charge.dispute.created")[0].event
    dispute = client.v1.disputes.retrieve(told["data"]["object"]["id"])
    assert (dispute.status, dispute.amount, dispute.payment_intent) == ("needs_response", 10_000, intent.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    assert client.v1.disputes.close(dispute.id).status == "lost"
    assert client.v1.disputes.list({"payment_intent": intent.id}).data[0].status == "lost"
    assert receiver.arrivals("charge.dispute.closed")[0].event["data"]["object"]["status"] == "lost"


def test_a_dispute_can_be_won(client, sandbox, receiver, pay):
    pay("pm_card_createDispute")
    sandbox.control("POST", "/settle")
    dispute = client.v1.disputes.list().data[0]
    won = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert won.status == "won"
    assert [entry.amount for entry in won.balance_transactions] == [-10_000, 10_000]


def test_the_balance_is_the_sum_of_its_transactions(client, pay):
    client.v1.refunds.create({"payment_intent": pay().id, "amount": 2_500})
    entries = client.v1.balance_transactions.list().data
    assert [(entry.type, entry.net) for entry in entries] == [("refund", -2_500), ("charge", 9_680)]
    balance = client.v1.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (7_180, 0)
    assert client.v1.payouts.list().data == []


def test_the_state_sums_the_money_up(client, sandbox, pay):
    intent = pay()
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 2_500})
    state = sandbox.state()
    assert (state["captured_cents"], state["refunded_cents"]) == (10_000, 2_500)
    assert state["captures"] == {intent.id: 1}
    assert state["payment_intents"] == {"succeeded": 1}
    assert state["requests"]["POST /v1/refunds"] == 1
