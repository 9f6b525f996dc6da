"""Refunds: what booking and staff want, within what was captured; what Stripe and its dashboard do."""

import httpx
import pytest
from payments.domain.errors import PaymentNotFound
from shared.contracts.booking import AlertRaised, BookingCancelled, BookingPaid, BookingUpdated, RefundRequested
from shared.contracts.booking_state import PriceLines
from shared.contracts.payments import RefundCreated, RefundFailed, RefundSucceeded
from shared.ids import new_id

from ..factories import PATIENCE_SECONDS, TOTAL_CENTS, Shop, a_booking, later


async def test_booking_gets_back_what_it_asks_for(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    cancelled = later(booking, status="cancelled")
    wish = RefundRequested(
        booking=cancelled, request_id=new_id(), payment_id=payment.id, amount_cents=10_000, reason="half"
    )
    for _ in range(2):
        await shop.service.receive(wish)
    await shop.work()
    (refund,) = await shop.refunds()
    assert (refund.amount_cents, refund.status, refund.request_id) == (10_000, "succeeded", wish.request_id)
    after = await shop.payment(booking)
    assert (after.status, after.refunded_cents) == ("partially_refunded", 10_000)


async def test_without_an_amount_all_that_is_left_goes_back(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    await shop.request_refund(payment.id, 10_000)
    shop.later(seconds=1)
    await shop.request_refund(payment.id)
    await shop.work()
    assert [refund.amount_cents for refund in await shop.refunds()] == [10_000, TOTAL_CENTS - 10_000]
    assert (await shop.payment(booking)).status == "refunded"
    created, done = await shop.service.events(RefundCreated), await shop.service.events(RefundSucceeded)
    assert (len(created), len(done)) == (2, 2)
    assert sorted(event.payment.refunded_cents for event in done)[-1] == TOTAL_CENTS  # type: ignore[attr-defined]


async def test_more_than_is_left_is_told_to_staff(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    await shop.request_refund(payment.id, 20_000)
    shop.later(seconds=1)
    await shop.request_refund(payment.id, 20_000)
    assert [refund.amount_cents for refund in await shop.refunds()] == [20_000, TOTAL_CENTS - 20_000]
    assert len(await shop.service.events(AlertRaised)) == 1


async def test_whoever_wants_the_rest_when_nothing_is_left_alarms_nobody(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    for _ in range(2):
        await shop.request_refund(payment.id)
    assert [refund.amount_cents for refund in await shop.refunds()] == [TOTAL_CENTS]
    assert await shop.service.events(AlertRaised) == []


async def test_a_wish_for_an_unknown_payment_is_refused(shop: Shop) -> None:
    with pytest.raises(PaymentNotFound):
        await shop.request_refund(new_id())


async def test_a_refund_that_fails_later_frees_its_amount(shop: Shop) -> None:
    shop.sandbox.control("POST", "/settling", {"after_seconds": None})
    booking = a_booking()
    payment = await shop.paid(booking, "pm_card_refundFail")
    await shop.request_refund(payment.id)
    await shop.work()
    assert (await shop.payment(booking)).status == "refunded"
    shop.sandbox.control("POST", "/settle")
    await shop.deliver(shop.webhooks("refund.failed")[0])
    await shop.work()
    after = await shop.payment(booking)
    assert (after.status, after.refunded_cents) == ("succeeded", 0)
    assert len(await shop.service.events(RefundFailed)) == 1
    shop.later(seconds=1)
    await shop.request_refund(payment.id)
    assert [refund.status for refund in await shop.refunds()] == ["failed", "pending"]
    assert (await shop.proof())["ok"]


async def test_what_stripe_refuses_to_refund_has_failed(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    await refund_in_dashboard(shop, payment.stripe_payment_intent_id)
    await shop.request_refund(payment.id)
    await shop.work()
    [reason] = [refund.failure_reason for refund in await shop.refunds() if refund.status == "failed"]
    assert reason == "The payment was refunded before."
    assert (await shop.payment(booking)).status == "refunded"


async def test_what_an_unheard_refund_in_stripes_dashboard_left_can_be_refunded(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    await refund_in_dashboard(shop, payment.stripe_payment_intent_id, amount="3000")
    await shop.request_refund(payment.id)
    await shop.work()
    [reason] = [refund.failure_reason for refund in await shop.refunds() if refund.status == "failed"]
    assert "look at it again and refund what is left" in reason
    assert (await shop.payment(booking)).refunded_cents == 3_000
    await shop.request_refund(payment.id)
    await shop.work()
    assert (await shop.payment(booking)).status == "refunded"


async def test_a_refund_made_in_stripes_dashboard_is_in_our_books(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    await refund_in_dashboard(shop, payment.stripe_payment_intent_id)
    for webhook in shop.webhooks("refund.created"):
        await shop.deliver(webhook)
        await shop.deliver(webhook)
    await shop.work()
    (refund,) = await shop.refunds()
    assert (refund.status, refund.requested_by, refund.amount_cents) == ("succeeded", "stripe", TOTAL_CENTS)
    assert (await shop.payment(booking)).status == "refunded"


async def refund_in_dashboard(shop: Shop, intent_id: str, **form: str) -> None:
    headers = {"Authorization": f"Bearer {shop.sandbox.secret_key}"}
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as stripe:
        url = f"{shop.sandbox.api_base}/v1/refunds"
        assert (await stripe.post(url, data={"payment_intent": intent_id, **form}, headers=headers)).status_code == 200


async def test_money_of_a_cancelled_booking_must_go_back_or_be_kept_by_the_policy(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    cancelled = later(booking, status="cancelled", paid_at=booking.created_at)
    await shop.service.receive(BookingCancelled(booking=cancelled, refund_cents=10_000))
    shop.later(minutes=3)
    assert await broken(shop) == ["captured_has_booking_or_refund", "events_published"]
    await shop.request_refund(payment.id, 10_000)
    assert await broken(shop) == ["events_published"]


async def test_what_a_change_gives_back_only_now_is_not_taken_off_what_the_company_keeps(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    cheaper = PriceLines(total_price_cents=TOTAL_CENTS - 5_000)
    over = later(booking, status="cancelled", paid_at=booking.created_at, prices=cheaper, paid_cents=TOTAL_CENTS)
    told = BookingCancelled(booking=over, refund_cents=5_000, refund_percent=0, kept_cents=TOTAL_CENTS - 5_000)
    await shop.service.receive(told)
    await shop.request_refund(payment.id, 5_000)
    shop.later(minutes=3)
    assert await broken(shop) == ["events_published"]


async def test_what_the_company_keeps_is_known_in_whichever_order_it_is_told(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    cancelled = later(booking, status="cancelled", paid_at=booking.created_at)
    await shop.service.receive(BookingUpdated(booking=later(cancelled)))
    await shop.service.receive(BookingCancelled(booking=cancelled, refund_cents=10_000))
    await shop.request_refund(payment.id, 10_000)
    shop.later(minutes=3)
    assert await broken(shop) == ["events_published"]


async def test_a_captured_payment_whose_booking_stays_unpaid_is_found(shop: Shop) -> None:
    booking = a_booking()
    await shop.paid(booking)
    assert await broken(shop) == []
    shop.later(minutes=3)
    assert await broken(shop) == ["bookings_paid_as_captured", "events_published"]
    await shop.service.receive(BookingPaid(booking=later(booking, status="paid"), paid_cents=TOTAL_CENTS))
    assert await broken(shop) == ["events_published"]


@pytest.mark.parametrize("total_cents", [TOTAL_CENTS - 1, TOTAL_CENTS + 1])
async def test_a_paid_booking_that_was_charged_another_amount_is_found(shop: Shop, total_cents: int) -> None:
    booking = a_booking()
    await shop.paid(booking)
    paid = later(booking, status="paid", prices=PriceLines(total_price_cents=total_cents))
    await shop.service.receive(BookingPaid(booking=paid, paid_cents=TOTAL_CENTS))
    assert await broken(shop) == ["bookings_paid_as_captured"]


async def test_a_paid_booking_that_was_never_charged_is_found(shop: Shop) -> None:
    await shop.service.receive(BookingPaid(booking=a_booking(status="paid"), paid_cents=TOTAL_CENTS))
    assert await broken(shop) == ["bookings_paid_as_captured"]


async def broken(shop: Shop) -> list[str]:
    proof = await shop.proof()
    return [check["name"] for check in proof["checks"] if not check["ok"]]
