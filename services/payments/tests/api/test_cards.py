"""Saved cards: kept whatever happens to the browser, one default, let go of at Stripe, paid with on the one intent."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from payments.adapters.card_tables import saved_cards
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import a_customer
from sqlalchemy import select

from ..factories import PATIENCE_SECONDS, TOTAL_CENTS, Shop, a_booking

CARDS = "/api/customers/payment-methods/"
KEY = {"Idempotency-Key": "a-key-of-enough-characters"}


async def ask(shop: Shop, who: Caller, method: str, path: str, **sent: Any) -> httpx.Response:
    async with shop.service.as_caller(who) as client:
        return await client.request(method, path, **sent)


async def begin(shop: Shop, who: Caller) -> dict[str, Any]:
    return dict((await ask(shop, who, "POST", CARDS, json={})).json())


async def enter(shop: Shop, begun: dict[str, Any], card: str = "pm_card_visa") -> dict[str, Any]:
    """The browser gives the card to Stripe."""
    url = f"{shop.sandbox.api_base}/v1/setup_intents/{begun['setup_intent_id']}/confirm"
    form = {"payment_method": card, "client_secret": begun["client_secret"]}
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as browser:
        answer = await browser.post(url, data=form, headers={"Authorization": f"Bearer {shop.sandbox.publishable_key}"})
    return dict(answer.json())


async def finish(shop: Shop, who: Caller, begun: dict[str, Any]) -> httpx.Response:
    return await ask(shop, who, "POST", f"{CARDS}confirm/", json={"setup_intent_id": begun["setup_intent_id"]})


async def save(shop: Shop, who: Caller, card: str = "pm_card_visa") -> dict[str, Any]:
    begun = await begin(shop, who)
    told = await enter(shop, begun, card)
    if told["status"] == "requires_action":
        shop.sandbox.control("POST", f"/setup_intents/{begun['setup_intent_id']}/authenticate", {"outcome": "succeed"})
    answer = await finish(shop, who, begun)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def cards(shop: Shop, who: Caller) -> list[tuple[str, bool]]:
    found = (await ask(shop, who, "GET", CARDS)).json()
    return [(card["display_name"], card["is_default"]) for card in found["results"]]


async def pay(shop: Shop, who: Caller, booking_id: UUID, card_id: str, **headers: str) -> httpx.Response:
    body = {"payment_method_id": card_id}
    return await ask(shop, who, "POST", f"/api/customers/bookings/{booking_id}/pay/", json=body, headers=headers)


async def test_a_card_is_shown_without_its_number(shop: Shop) -> None:
    card = await save(shop, a_customer())
    expected = {"display_name": "Visa •••• 4242", "card_brand": "visa", "card_last_four": "4242", "is_default": True}
    assert card.items() >= expected.items()
    assert (card["card_exp_month"], card["card_exp_year"]) == (12, 2034)


async def test_a_card_is_kept_though_the_browser_never_comes_back(shop: Shop) -> None:
    who = a_customer()
    await enter(shop, await begin(shop, who))
    for webhook in shop.webhooks("setup_intent.succeeded"):
        await shop.deliver(webhook)
        await shop.deliver(webhook)
    await shop.work()
    assert await cards(shop, who) == [("Visa •••• 4242", True)]


async def test_browser_and_webhook_at_once_keep_one_card(shop: Shop) -> None:
    who = a_customer()
    begun = await begin(shop, who)
    await enter(shop, begun)
    await shop.deliver(shop.webhooks("setup_intent.succeeded")[0])
    await asyncio.gather(*(finish(shop, who, begun) for _ in range(5)), shop.work())
    assert len(await cards(shop, who)) == 1


async def test_a_customer_is_made_once_at_stripe(shop: Shop) -> None:
    who = a_customer()
    await asyncio.gather(*(begin(shop, who) for _ in range(5)))
    assert len(shop.sandbox.control("GET", "/customers")["data"]) == 1


async def test_a_repeated_begin_is_one_setup_and_its_secret_is_not_stored(shop: Shop) -> None:
    who = a_customer()
    answers = [await ask(shop, who, "POST", CARDS, json={}, headers=KEY) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert sum(shop.sandbox.state()["setup_intents"].values()) == 1


async def test_a_card_that_was_not_entered_is_not_kept(shop: Shop) -> None:
    who = a_customer()
    begun = await begin(shop, who)
    early = await finish(shop, who, begun)
    assert (early.status_code, early.json()["error_code"]) == (409, "card_not_saved")
    other = await finish(shop, a_customer(), begun)
    unknown = await finish(shop, who, {"setup_intent_id": "seti_unknown"})
    assert (other.status_code, unknown.status_code) == (404, 404)


async def test_exactly_one_card_is_the_default(shop: Shop) -> None:
    who = a_customer()
    await save(shop, who)
    second = await save(shop, who, "pm_card_mastercard")
    assert await cards(shop, who) == [("Visa •••• 4242", True), ("Mastercard •••• 4444", False)]
    assert (await ask(shop, who, "PUT", f"{CARDS}{second['id']}/", json={"is_default": True})).status_code == 200
    assert await cards(shop, who) == [("Mastercard •••• 4444", True), ("Visa •••• 4242", False)]
    refused = await ask(shop, who, "PUT", f"{CARDS}{second['id']}/", json={"is_default": False})
    assert refused.status_code == 400


async def test_racing_choices_leave_one_default(shop: Shop) -> None:
    who = a_customer()
    saved = [await save(shop, who) for _ in range(4)]
    paths = [f"{CARDS}{card['id']}/" for card in saved]
    answers = await asyncio.gather(*(ask(shop, who, "PUT", path, json={"is_default": True}) for path in paths * 3))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(is_default for _, is_default in await cards(shop, who)) == 1


async def test_a_removed_card_is_let_go_of_and_the_next_is_the_default(shop: Shop) -> None:
    who = a_customer()
    first, _ = await save(shop, who), await save(shop, who, "pm_card_mastercard")
    assert (await ask(shop, who, "DELETE", f"{CARDS}{first['id']}/")).status_code == 200
    assert await cards(shop, who) == [("Mastercard •••• 4444", True)]
    shop.sandbox.fault("status", method="POST", path="*/detach", status=500, count=1, cached=False)
    await shop.work()
    assert await attached(shop) == 2
    shop.later(minutes=1)
    await shop.work()
    assert await attached(shop) == 1
    rows = await shop.service.database.fetch_all(select(saved_cards.c.detach_at))
    assert [row.detach_at for row in rows] == [None, None]
    assert (await ask(shop, who, "DELETE", f"{CARDS}{first['id']}/")).status_code == 404


async def attached(shop: Shop) -> int:
    return len([one for one in shop.sandbox.control("GET", "/payment_methods")["data"] if one["customer"]])


async def test_a_card_that_stripe_let_go_of_is_gone_here(shop: Shop) -> None:
    who = a_customer()
    await save(shop, who)
    (method,) = shop.sandbox.control("GET", "/payment_methods")["data"]
    await shop.at_stripe("POST", f"/v1/payment_methods/{method['id']}/detach")
    for webhook in shop.webhooks("payment_method.detached"):
        await shop.deliver(webhook)
    await shop.work()
    assert await cards(shop, who) == []


async def test_cards_of_others_do_not_exist(shop: Shop) -> None:
    card = await save(shop, a_customer())
    for method, body in (("PUT", {"is_default": True}), ("DELETE", None)):
        assert (await ask(shop, a_customer(), method, f"{CARDS}{card['id']}/", json=body)).status_code == 404


async def test_a_saved_card_pays_the_bookings_own_intent(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    intent, card = await shop.intent(booking), await save(shop, who)
    answer = await pay(shop, who, booking.id, card["id"], **KEY)
    assert answer.json() == {
        "payment_intent_id": intent["payment_intent_id"], "amount_cents": TOTAL_CENTS, "payment_status": "succeeded",
        "booking_status": "paid", "requires_action": False, "client_secret": None,
    }  # fmt: skip
    again = await pay(shop, who, booking.id, card["id"], **KEY)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (answer.json(), "true")
    assert (await pay(shop, who, booking.id, card["id"])).json()["error_code"] == "already_paid"
    assert shop.sandbox.state()["captured_cents"] == TOTAL_CENTS


async def test_ten_payments_at_once_charge_once(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    await shop.intent(booking)
    saved = [await save(shop, who) for _ in range(2)]
    answers = await asyncio.gather(*(pay(shop, who, booking.id, card["id"]) for card in saved * 5))
    assert {answer.status_code for answer in answers} <= {200, 409, 503}
    assert shop.sandbox.state()["captured_cents"] == TOTAL_CENTS
    assert len(await shop.service.events(PaymentSucceeded)) == 1


async def test_a_declined_card_is_told_and_another_pays(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    await shop.intent(booking)
    bad, good = await save(shop, who, "pm_card_chargeCustomerFail"), await save(shop, who)
    for _ in range(2):
        declined = await pay(shop, who, booking.id, bad["id"], **KEY)
        assert (declined.status_code, declined.json()["error_code"]) == (402, "card_declined")
        assert declined.json()["failure_reason"] == "The card was declined."
    assert (await shop.payment(booking)).failure_reason == "The card was declined."
    assert (await pay(shop, who, booking.id, good["id"])).status_code == 200
    assert shop.sandbox.state()["payment_intents"] == {"succeeded": 1}


async def test_a_bank_that_asks_first_is_answered_in_the_browser(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    intent, card = await shop.intent(booking), await save(shop, who, "pm_card_authenticationRequired")
    answer = await pay(shop, who, booking.id, card["id"], **KEY)
    assert (answer.status_code, answer.json()["requires_action"]) == (200, True)
    assert answer.json()["client_secret"] == intent["client_secret"]
    assert (await pay(shop, who, booking.id, card["id"], **KEY)).json() == answer.json()
    shop.sandbox.authenticate(intent["payment_intent_id"])
    assert (await shop.confirm(intent)).json() == {"payment_status": "succeeded", "booking_status": "paid"}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_that_was_lost_on_the_way_pays_once(shop: Shop, when: str) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    await shop.intent(booking)
    card = await save(shop, who)
    shop.sandbox.fault("reset", method="POST", path="*/confirm", when=when, count=1)
    assert (await pay(shop, who, booking.id, card["id"], **KEY)).status_code == 503
    assert (await pay(shop, who, booking.id, card["id"], **KEY)).status_code in (200, 409)
    assert shop.sandbox.state()["captured_cents"] == TOTAL_CENTS


async def test_others_can_pay_neither_this_booking_nor_with_this_card(shop: Shop) -> None:
    who, other = a_customer(), a_customer()
    booking, card = a_booking(customer_id=who.id), await save(shop, who)
    await shop.intent(booking)
    assert (await pay(shop, other, booking.id, card["id"])).status_code == 404
    assert (await pay(shop, who, booking.id, str(new_id()))).status_code == 404
    assert (await pay(shop, who, uuid4(), card["id"])).status_code == 404


async def test_a_booking_made_just_now_is_on_its_way(shop: Shop) -> None:
    ada = a_customer()
    card = await save(shop, ada)
    fresh = await pay(shop, ada, new_id(), card["id"])
    assert (fresh.status_code, fresh.json()["error_code"]) == (503, "booking_on_its_way")


async def test_an_error_that_stripe_repeats_keeps_nobody_from_saving_a_card(shop: Shop) -> None:
    who = a_customer()
    for path in ("/v1/customers", "/v1/setup_intents"):
        shop.sandbox.fault("status", method="POST", path=path, when="before", count=1, cached=True)
        assert (await ask(shop, who, "POST", CARDS, json={}, headers=KEY)).status_code == 503
    assert (await ask(shop, who, "POST", CARDS, json={}, headers=KEY)).status_code == 201
    assert len(shop.sandbox.control("GET", "/customers")["data"]) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_error_that_stripe_repeats_for_a_card_payment_is_looked_into(shop: Shop, when: str) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    await shop.intent(booking)
    card = await save(shop, who)
    shop.sandbox.fault("status", method="POST", path="*/confirm", when=when, count=1, cached=True)
    assert (await pay(shop, who, booking.id, card["id"], **KEY)).status_code == 503
    shop.sandbox.webhooks(drop=True)
    answer = await pay(shop, who, booking.id, card["id"], **KEY)
    assert answer.status_code in (200, 409), answer.text
    assert (await shop.payment(booking)).status == "succeeded"
    assert shop.sandbox.state()["captured_cents"] == TOTAL_CENTS


async def test_a_card_that_stripe_let_go_of_is_told_from_a_declined_one(shop: Shop) -> None:
    who = a_customer()
    booking = a_booking(customer_id=who.id)
    intent = await shop.intent(booking)
    await shop.pay(intent, "pm_card_chargeDeclinedInsufficientFunds")
    card = await save(shop, who)
    (method,) = [one for one in shop.sandbox.control("GET", "/payment_methods")["data"] if one["customer"]]
    await shop.at_stripe("POST", f"/v1/payment_methods/{method['id']}/detach")
    answer = await pay(shop, who, booking.id, card["id"])
    assert (answer.status_code, answer.json()["error_code"]) == (409, "card_not_usable")
