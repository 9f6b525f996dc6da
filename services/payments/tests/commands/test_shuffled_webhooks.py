"""A thousand webhooks in any order, many of them twice: the end is the same, and it is Stripe's."""

import asyncio
import random

import pytest
from payments.adapters.tables import ledger_entries, payments, stripe_events
from shared.testing.service import MovableClock
from sqlalchemy import func, select

from ..factories import TOTAL_CENTS, Shop, a_booking

BOOKINGS = 12
DELIVERIES = 1_000
AT_ONCE = 8
_TAKEN = (
    select(func.coalesce(func.sum(ledger_entries.c.amount_cents), 0))
    .where(ledger_entries.c.payment_id == payments.c.id, ledger_entries.c.account == "disputes")
    .scalar_subquery()
)
_STANDING = select(payments.c.captured_cents, payments.c.refunded_cents, _TAKEN)


async def lives(shop: Shop) -> list[str]:
    """Payments with all that can happen to them at Stripe; the ids of the intents."""
    intents = []
    for number in range(BOOKINGS):
        intent = await shop.intent(a_booking())
        name = intent["payment_intent_id"]
        if number % 3 == 0:
            await shop.pay(intent, "pm_card_chargeDeclined")
        await shop.pay(intent)
        for cents in ("1000", "2000")[: number % 3]:
            await shop.at_stripe("POST", "/v1/refunds", payment_intent=name, amount=cents)
        if number % 4 == 0:
            dispute = shop.sandbox.control("POST", f"/payment_intents/{name}/dispute")
            outcome = {"outcome": "win" if number % 8 else "lose"}
            shop.sandbox.control("POST", f"/disputes/{dispute['id']}/decide", outcome)
        intents.append(name)
    return intents


async def settled(shop: Shop) -> bool:
    await shop.errands.webhooks()
    waiting = select(func.count()).select_from(stripe_events).where(stripe_events.c.state == "waiting")
    row = await shop.service.database.fetch_one(waiting)
    shop.later(seconds=30)
    return row is not None and row[0] == 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_thousand_webhooks_in_any_order_end_as_stripe_says(shop: Shop, clock: MovableClock, seed: int) -> None:
    began = clock.now
    await lives(shop)
    events = shop.sandbox.state()["events"]
    arrivals = [one for kind, count in events.items() for one in shop.receiver.arrivals(kind, at_least=count)]
    chance = random.Random(seed)
    deliveries = arrivals + chance.choices(arrivals, k=DELIVERIES - len(arrivals))
    chance.shuffle(deliveries)
    for start in range(0, DELIVERIES, AT_ONCE):
        answers = await asyncio.gather(*map(shop.deliver, deliveries[start : start + AT_ONCE]))
        assert {answer.status_code for answer in answers} == {200}
        if chance.random() < 0.2:
            await shop.errands.webhooks()
    while not await settled(shop):
        pass
    for intent in shop.sandbox.control("GET", "/payment_intents")["data"]:
        await assert_as_at_stripe(shop, intent["id"])
    assert shop.sandbox.state()["captured_cents"] == BOOKINGS * TOTAL_CENTS
    clock.now = began
    assert await shop.broken() == []


async def assert_as_at_stripe(shop: Shop, intent_id: str) -> None:
    (charge,) = shop.sandbox.control("GET", f"/charges?payment_intent={intent_id}&status=succeeded")["data"]
    page = await shop.service.database.fetch_all(_STANDING.where(payments.c.stripe_payment_intent_id == intent_id))
    ((captured, refunded, taken),) = page
    assert (captured, refunded) == (charge["amount_captured"], charge["amount_refunded"])
    disputes = shop.sandbox.control("GET", f"/disputes?payment_intent={intent_id}")["data"]
    assert taken == sum(one["amount"] for one in disputes if one["status"] == "lost")
