"""Every call that payments makes to Stripe, and the facts it reads from the answers.

They run against the sandbox, and against Stripe itself in test mode when `STRIPE_TEST_SECRET_KEY` names an account of
one's own: what passes in both shows that the sandbox answers as Stripe does.
"""

import ast
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from payments.adapters.stripe_gateway import CardGateway, IntentOrder, Setup, StripeGateway, StripeRefused
from payments.adapters.stripe_library import StripeLibrary
from payments.domain.facts import CardFacts, IntentFacts
from shared.ids import new_id
from shared.testing.waiting import wait_until_async
from stripe_sandbox.testing import RunningSandbox

CENTS = 24_900
TEST_KEY = os.environ.get("STRIPE_TEST_SECRET_KEY", "")
STRIPES_OWN = pytest.param(
    "stripe", marks=pytest.mark.skipif(not TEST_KEY, reason="STRIPE_TEST_SECRET_KEY names no account in test mode")
)


@pytest.fixture(params=["sandbox", STRIPES_OWN])
async def stripe_library(request: pytest.FixtureRequest, sandbox: RunningSandbox) -> AsyncIterator[StripeLibrary]:
    base, key = sandbox.api_base, sandbox.secret_key
    if request.param == "stripe":
        assert TEST_KEY.startswith(("sk_test_", "rk_test_")), "never against real money"
        base, key = os.environ.get("STRIPE_TEST_API_BASE", "https://api.stripe.com"), TEST_KEY
    library = StripeLibrary(base, key, ())
    await library.start()
    yield library
    await library.stop()


def an_order() -> IntentOrder:
    return IntentOrder(new_id(), new_id(), "TT-20261122-0001", "booking", CENTS, "usd")


async def paid(library: StripeLibrary, order: IntentOrder, card: str = "pm_card_visa") -> IntentFacts:
    """An intent that a buyer has paid."""
    intent = await library.create_intent(order, f"pi:{order.payment_id}")
    await library.v1.payment_intents.confirm_async(intent.facts.id, {"payment_method": card})
    return (await library.retrieve_intent(intent.facts.id)).facts


async def saved(library: StripeLibrary, customer_id: UUID, card: str = "pm_card_visa") -> tuple[str, Setup]:
    """(Stripe's customer, a setup that a buyer has confirmed)."""
    customer = await library.create_customer(customer_id, f"customer:{customer_id}")
    begun = await library.create_setup(customer_id, customer, f"setup:{new_id()}")
    assert (begun.facts.status, begun.client_secret.startswith("seti_")) == ("requires_payment_method", True)
    await library.v1.setup_intents.confirm_async(begun.facts.id, {"payment_method": card})
    return customer, await library.retrieve_setup(begun.facts.id)


def card_in(setup: Setup) -> CardFacts:
    assert setup.card is not None
    return setup.card


async def test_an_intent_is_made_once_under_its_key_and_cancelled(stripe_library: StripeLibrary) -> None:
    order = an_order()
    key = f"pi:{order.payment_id}"
    first, again = [await stripe_library.create_intent(order, key) for _ in range(2)]
    assert first == again
    assert first.client_secret.startswith(first.facts.id)
    told = first.facts
    assert (told.status, told.amount_cents, told.currency) == ("requires_payment_method", CENTS, "usd")
    assert told.is_ours
    assert (told.payment_id, told.booking_id) == (order.payment_id, order.booking_id)
    assert (await stripe_library.cancel_intent(told.id)).status == "canceled"
    with pytest.raises(StripeRefused):
        await stripe_library.cancel_intent(told.id)


async def test_a_paid_intent_is_found_by_its_payment_and_in_the_list(stripe_library: StripeLibrary) -> None:
    order, now = an_order(), datetime.now(UTC)
    told = await paid(stripe_library, order)
    assert (told.status, told.amount_received_cents, told.failure_code) == ("succeeded", CENTS, "")
    assert told.charge_id.startswith(("ch_", "py_"))
    found = await stripe_library.find_intent(order.payment_id, now, now + timedelta(minutes=1))
    assert found is not None
    assert found.id == told.id
    page = await stripe_library.intents_since(now - timedelta(minutes=5))
    assert told.id in [facts.id for facts in page.items]


async def test_parts_are_refunded_and_found(stripe_library: StripeLibrary) -> None:
    told = await paid(stripe_library, an_order())
    refund_id = new_id()
    made = await stripe_library.create_refund(refund_id, told.id, 1_000, f"refund:{refund_id}")
    assert (made.status, made.amount_cents, made.intent_id, made.refund_id) == ("succeeded", 1_000, told.id, refund_id)
    assert await stripe_library.find_refund(refund_id, told.id) == made
    assert await stripe_library.retrieve_refund(made.id) == made
    assert await stripe_library.find_refund(new_id(), told.id) is None
    with pytest.raises(StripeRefused):
        await stripe_library.create_refund(new_id(), told.id, CENTS, f"refund:{new_id()}")


async def test_refunds_are_listed_by_intent_and_by_time(stripe_library: StripeLibrary) -> None:
    now = datetime.now(UTC)
    told = await paid(stripe_library, an_order())
    made = [
        await stripe_library.create_refund(refund_id, told.id, cents, f"refund:{refund_id}")
        for refund_id, cents in ((new_id(), 1_000), (new_id(), 2_000))
    ]
    assert sorted(await stripe_library.refunds_of(told.id), key=lambda facts: facts.amount_cents) == made
    page = await stripe_library.refunds_since(now - timedelta(minutes=5))
    assert {facts.id for facts in made} <= {facts.id for facts in page.items}


async def test_a_dispute_tells_its_intent_its_reason_and_what_it_took(stripe_library: StripeLibrary) -> None:
    told = await paid(stripe_library, an_order(), "pm_card_createDispute")

    async def disputed() -> Any:
        listed: Any = await stripe_library.v1.disputes.list_async({"payment_intent": told.id})
        return listed.data

    (begun,) = await wait_until_async(disputed, what="the bank to dispute the charge")
    facts = await stripe_library.retrieve_dispute(begun.id)
    assert (facts.id, facts.intent_id, facts.amount_cents) == (begun.id, told.id, CENTS)
    assert (facts.status, facts.reason) == ("needs_response", "fraudulent")
    assert sum(movement.amount_cents for movement in facts.movements) == -CENTS


def test_all_calls_are_made_here() -> None:
    """What is not made here was never held against Stripe itself."""
    offered = {**vars(CardGateway), **vars(StripeGateway)}
    calls = {name for name, call in offered.items() if iscoroutinefunction(call)}
    made = {node.attr for node in ast.walk(ast.parse(Path(__file__).read_text())) if isinstance(node, ast.Attribute)}
    assert calls - made == set()


async def test_a_card_is_saved_used_and_let_go_of(stripe_library: StripeLibrary) -> None:
    customer_id = new_id()
    customer, setup = await saved(stripe_library, customer_id)
    card = card_in(setup)
    assert (setup.facts.status, setup.facts.customer_id) == ("succeeded", customer_id)
    assert (card.brand, card.last_four, card.stripe_customer_id) == ("visa", "4242", customer)
    order = an_order()
    intent = await stripe_library.create_intent(order, f"pi:{order.payment_id}")
    charged = await stripe_library.confirm_intent(intent.facts.id, customer, card.id, f"pay:{new_id()}")
    assert charged.facts.status == "succeeded"
    await stripe_library.detach_card(card.id)
    assert (await stripe_library.retrieve_card(card.id)).stripe_customer_id == ""
    with pytest.raises(StripeRefused):
        await stripe_library.detach_card(card.id)
    await stripe_library.delete_customer(customer)
    with pytest.raises(StripeRefused):
        await stripe_library.delete_customer(customer)


@pytest.mark.parametrize(
    ("card", "status", "failure"),
    [
        ("pm_card_chargeCustomerFail", "requires_payment_method", "generic_decline"),
        ("pm_card_authenticationRequired", "requires_action", ""),
    ],
)
async def test_a_saved_card_may_fail_or_ask_its_bank(
    stripe_library: StripeLibrary, card: str, status: str, failure: str
) -> None:
    customer = await stripe_library.create_customer(new_id(), f"customer:{new_id()}")
    method: Any = await stripe_library.v1.payment_methods.attach_async(card, {"customer": customer})
    order = an_order()
    intent = await stripe_library.create_intent(order, f"pi:{order.payment_id}")
    try:
        await stripe_library.confirm_intent(intent.facts.id, customer, method.id, f"pay:{new_id()}")
    except StripeRefused:
        assert failure
    told = (await stripe_library.retrieve_intent(intent.facts.id)).facts
    assert (told.status, told.failure_code) == (status, failure)


async def test_movements_tell_fee_and_source(stripe_library: StripeLibrary) -> None:
    now = datetime.now(UTC)
    told = await paid(stripe_library, an_order())
    page = await stripe_library.movements_since(now - timedelta(minutes=5))
    (charge,) = [facts for facts in page.items if facts.intent_id == told.id]
    assert (charge.category, charge.amount_cents, charge.is_ours) == ("charge", CENTS, True)
    assert (charge.fee_cents > 0, charge.currency, charge.source_id) == (True, "usd", told.charge_id)


async def test_events_that_did_not_arrive_are_listed(stripe_library: StripeLibrary) -> None:
    page = await stripe_library.undelivered_events(datetime.now(UTC) - timedelta(hours=48))
    assert all(event.id.startswith("evt_") for event in page.items)
