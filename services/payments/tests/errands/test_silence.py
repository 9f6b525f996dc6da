"""Webhooks that stay away are told of, although asking Stripe finds all that they would have told."""

import json

from shared.contracts.booking import AlertCleared, AlertRaised
from stripe_sandbox.receiver import Arrival

from ..factories import Shop, a_booking, signed


async def look(shop: Shop) -> list[str]:
    """One look of the job; the sentences of all alerts so far, and "over" for each end of one."""
    await shop.service.run_job("watch-webhooks")
    raised = [(event.alert_id, event.message) for event in await shop.service.events(AlertRaised)]  # type: ignore[attr-defined]
    ended = [(event.alert_id, "over") for event in await shop.service.events(AlertCleared)]  # type: ignore[attr-defined]
    return [text for _, text in sorted(raised + ended)]


async def confirmed(shop: Shop, count: int) -> None:
    """So many are paid, which their buyers' browsers have us ask Stripe about."""
    for _ in range(count):
        await shop.paid(a_booking())


async def reconciled(shop: Shop, count: int) -> None:
    """So many are paid, which the reconciler finds, with the events that Stripe could not deliver."""
    shop.sandbox.webhooks(drop=True)
    for _ in range(count):
        await shop.pay(await shop.intent(a_booking()))
    await shop.make_checks_due()
    await shop.service.run_job("reconcile")
    await shop.work()


async def delivered_at_last(shop: Shop) -> Arrival:
    """What Stripe tries again after days, of one of the payments."""
    events = await shop.at_stripe("GET", "/v1/events?type=payment_intent.succeeded")
    return signed(shop, json.dumps(events["data"][0]).encode())


def of(count: int) -> str:
    return f"Stripe's webhooks seem to be away: no webhook told of the last {count} payments that succeeded."


async def test_the_third_payment_without_a_webhook_is_told_and_more_of_them_again(shop: Shop) -> None:
    await confirmed(shop, 2)
    shop.later(minutes=10)
    assert await look(shop) == []
    await confirmed(shop, 1)
    shop.later(minutes=9)
    assert await look(shop) == []
    shop.later(minutes=1)
    assert await look(shop) == [of(3)]
    await confirmed(shop, 1)
    shop.later(minutes=10)
    for _ in range(2):
        assert await look(shop) == [of(3), of(4)]


async def test_an_event_that_was_asked_for_is_no_webhook_until_it_is_delivered(shop: Shop) -> None:
    await reconciled(shop, 3)
    shop.later(minutes=10)
    assert await look(shop) == [of(3)]
    assert (await shop.deliver(await delivered_at_last(shop))).status_code == 200
    for _ in range(2):
        assert await look(shop) == [of(3), "over"]


async def test_payments_whose_webhooks_may_be_forgotten_are_not_missed(shop: Shop) -> None:
    await confirmed(shop, 3)
    shop.later(days=29, minutes=1)
    assert await look(shop) == []


async def test_webhooks_that_stay_away_leave_the_proof_of_the_money_alone(shop: Shop) -> None:
    await confirmed(shop, 3)
    shop.later(minutes=10)
    assert await look(shop) == [of(3)]
    await shop.service.run_job("compare-days")
    assert "stripe_equals_ledger" not in await shop.broken()
