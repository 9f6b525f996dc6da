"""Every answer has the shape that the official library declares for this version of Stripe's API."""

import builtins
import sys
import types
from typing import Any, ClassVar, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import pytest
import stripe
from stripe._list_object import ListObject
from stripe._stripe_object import UntypedStripeObject

NESTED_ANYTHING = (Any, dict, UntypedStripeObject)


class Names(dict):
    """The names that annotations use only for type checkers, found among the library's own."""

    def __missing__(self, name):
        if hasattr(builtins, name) or name in {"Optional", "List", "Literal", "Dict", "Any", "Union"}:
            raise KeyError(name)
        return getattr(stripe, name.removesuffix("Resource"), Any)


def fields_of(kind):
    hints = get_type_hints(kind, globalns=vars(sys.modules[kind.__module__]), localns=Names(), include_extras=True)
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar and not name.startswith("_")}


def problems(value, hint, path):
    """Where a JSON value differs from a type of the library."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return problems(value, arguments[0], path)
    if origin in {Union, types.UnionType}:
        tried = [problems(value, one, path) for one in arguments]
        return [] if [] in tried else min(tried[: -1 if type(None) in arguments else None], key=len)
    if origin is Literal:
        return [] if value in arguments else [f"{path}: {value!r} is not declared"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        return [problem for i, one in enumerate(value) for problem in problems(one, arguments[0], f"{path}[{i}]")]
    if hint is Any or origin in NESTED_ANYTHING or hint in NESTED_ANYTHING:
        return [] if hint is Any or isinstance(value, dict) else [f"{path}: not an object"]
    if origin is ListObject or hint is ListObject:
        return [] if isinstance(value, dict) and value["object"] == "list" else [f"{path}: not a list object"]
    if isinstance(hint, type) and issubclass(hint, stripe.StripeObject):
        return object_problems(value, hint, path)
    right = isinstance(value, hint) and (hint is not int or not isinstance(value, bool))
    return [] if right else [f"{path}: {value!r} is not {hint}"]


def object_problems(value, kind, path):
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is not an object"]
    declared = fields_of(kind)
    found = [f"{path}.{name}: unknown" for name in value if name not in declared]
    for name, hint in declared.items():
        if name in value:
            found += problems(value[name], hint, f"{path}.{name}")
        elif not (get_origin(hint) is NotRequired or type(None) in get_args(hint)):
            found.append(f"{path}.{name}: missing")
    return found


KINDS = {
    kind.OBJECT_NAME: kind
    for kind in (
        stripe.PaymentIntent,
        stripe.Charge,
        stripe.Refund,
        stripe.Customer,
        stripe.PaymentMethod,
        stripe.SetupIntent,
        stripe.Dispute,
        stripe.Event,
        stripe.BalanceTransaction,
        stripe.Balance,
        stripe.Payout,
    )
}


def check(answer):
    body = answer.to_dict()
    assert object_problems(body, KINDS[body["object"]], body["object"]) == []
    if body["object"] == "event":
        inner = body["data"]["object"]
        assert object_problems(inner, KINDS[inner["object"]], body["type"]) == []


@pytest.fixture
def lived_in(client, sandbox, pay):
    """A sandbox in which everything has happened once."""
    customer = client.v1.customers.create({"name": "Ann", "address": {"city": "New York"}})
    for card in ("pm_card_authenticationRequired", "pm_card_processing", "pm_card_createDispute"):
        pay(card, customer=customer.id, setup_future_usage="off_session")
    sandbox.authenticate(pay("pm_card_authenticationRequired").id, "fail")
    pay("pm_card_authenticationRequired", return_url="https://shop.test/")
    with pytest.raises(stripe.CardError):
        pay("pm_card_chargeDeclined", customer=customer.id)
    client.v1.payment_intents.cancel(client.v1.payment_intents.create({"amount": 500, "currency": "usd"}).id)
    for card in ("pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund"):
        client.v1.refunds.create({"payment_intent": pay(card).id, "reason": "duplicate"})
    for card in ("pm_card_visa", "pm_card_authenticationRequired"):
        client.v1.setup_intents.create({"customer": customer.id, "payment_method": card, "confirm": True})
    with pytest.raises(stripe.CardError):
        client.v1.setup_intents.create({"payment_method": "pm_card_chargeDeclined", "confirm": True})
    sandbox.control("POST", "/settle")
    sandbox.control("POST", "/payouts", {"amount": 100})
    paid = next(one for one in client.v1.payment_intents.list({"limit": 100}).data if one.status == "succeeded")
    sandbox.control("POST", f"/payment_intents/{paid.id}/dispute")
    dispute = client.v1.disputes.list().data[0]
    client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    client.v1.payment_methods.detach(client.v1.payment_methods.list({"customer": customer.id}).data[0].id)
    client.v1.customers.delete(client.v1.customers.create().id)
    return client.v1


@pytest.mark.parametrize(
    ("kind", "at_least"),
    [
        ("payment_intents", 9),
        ("charges", 6),
        ("refunds", 3),
        ("customers", 1),
        ("setup_intents", 3),
        ("disputes", 1),
        ("balance_transactions", 9),
        ("payment_methods", 9),
    ],
)
def test_objects_have_the_declared_shape(lived_in, kind, at_least):
    listed = getattr(lived_in, kind).list({"limit": 100}).data
    assert len(listed) >= at_least
    for one in listed:
        check(one)
        check(getattr(lived_in, kind).retrieve(one.id))


def test_events_have_the_declared_shape(lived_in):
    listed = lived_in.events.list({"limit": 100}).data
    assert len({event.type for event in listed}) > 25
    for event in listed:
        check(event)


def test_the_balance_has_the_declared_shape(lived_in):
    check(lived_in.balance.retrieve())


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        ({"amount": "500"}, "payment_intent.amount"),
        ({"surprise": 1}, "payment_intent.surprise"),
        ({"payment_method_types": [1]}, "payment_method_types[0]"),
    ],
)
def test_the_check_itself_finds_what_is_wrong(client, spoil, problem):
    body = client.v1.payment_intents.create({"amount": 500, "currency": "usd"}).to_dict() | spoil
    assert problem in " ".join(object_problems(body, stripe.PaymentIntent, "payment_intent"))
    del body["currency"]
    assert "payment_intent.currency: missing" in object_problems(body, stripe.PaymentIntent, "payment_intent")
