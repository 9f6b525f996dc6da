"""What a change of a paid booking costs on top: one payable intent per change, never paid twice, never paid in vain."""

import asyncio

import pytest
from shared.contracts.booking import BookingCancelled, BookingPaid, BookingRescheduled, BookingUpdated
from shared.contracts.booking_state import Adjustment, BookingState, PriceLines
from shared.contracts.payments import PaymentSucceeded

from ..factories import TOTAL_CENTS, Shop, a_booking, later

MORE = 17_500


def changed(booking: BookingState, *adjustments: Adjustment, paid: int = TOTAL_CENTS) -> BookingState:
    """The booking after it was paid and then moved to a dearer day."""
    total = TOTAL_CENTS + sum(change.amount_cents for change in adjustments if change.status != "void")
    prices = PriceLines(total_price_cents=total)
    return later(booking, status="paid", prices=prices, adjustments=adjustments, paid_cents=paid)


async def owing(shop: Shop) -> BookingState:
    """A paid booking that owes an adjustment."""
    booking = a_booking()
    await shop.paid(booking)
    booking = changed(booking, Adjustment(number=1, amount_cents=MORE))
    before = {"previous_pickup_date": booking.pickup_date, "previous_window_start": booking.window_start}
    await shop.service.receive(
        BookingRescheduled(booking=booking, previous_window_end=booking.window_end, **before)  # type: ignore[arg-type]
    )
    return booking


async def test_an_open_adjustment_is_charged_once_and_told_by_its_purpose(shop: Shop) -> None:
    booking = await owing(shop)
    intent = await shop.intent(booking, "adjustment:1")
    assert intent == await shop.intent(booking, "adjustment:1")
    assert intent["amount_cents"] == MORE
    await shop.pay(intent)
    await shop.confirm(intent)
    told = [event.payment for event in await shop.service.events(PaymentSucceeded)]  # type: ignore[attr-defined]
    assert [(payment.purpose, payment.captured_cents) for payment in told] == [
        ("booking", TOTAL_CENTS),
        ("adjustment:1", MORE),
    ]
    paid = changed(booking, Adjustment(number=1, amount_cents=MORE, status="paid"), paid=TOTAL_CENTS + MORE)
    await shop.service.receive(BookingUpdated(booking=paid))
    assert await shop.broken() == []
    assert (await shop.open(paid, "adjustment:1")).json()["error_code"] == "already_paid"


async def test_what_is_kept_of_a_cancelled_booking_is_counted_over_all_its_payments(shop: Shop) -> None:
    booking = await owing(shop)
    intent = await shop.intent(booking, "adjustment:1")
    await shop.pay(intent)
    await shop.confirm(intent)
    paid = changed(booking, Adjustment(number=1, amount_cents=MORE, status="paid"), paid=TOTAL_CENTS + MORE)
    cancelled = later(paid, status="cancelled", paid_at=booking.created_at)
    await shop.service.receive(BookingCancelled(booking=cancelled, refund_cents=10_000))
    shop.later(minutes=3)
    assert "captured_has_booking_or_refund" in await shop.broken()
    await shop.request_refund((await shop.payment_for(booking, "booking")).id, 10_000)
    assert "captured_has_booking_or_refund" not in await shop.broken()


async def test_what_is_due_now_can_be_paid_without_naming_it(shop: Shop) -> None:
    booking = await owing(shop)
    body = {"booking_id": str(booking.id), "amount_cents": MORE}
    async with shop.service.as_caller() as client:
        wrong = await client.post("/api/payments/create-intent/", json=body | {"amount_cents": TOTAL_CENTS})
        answer = await client.post("/api/payments/create-intent/", json=body)
        status = await client.get(f"/api/payments/status/{booking.booking_number}/?token=manage-token")
    assert (wrong.status_code, wrong.json()["total_due_cents"]) == (400, MORE)
    assert answer.json()["amount_cents"] == MORE
    assert {name: status.json()[name] for name in ("paid_cents", "due_cents", "due_for")} == {
        "paid_cents": TOTAL_CENTS,
        "due_cents": MORE,
        "due_for": "adjustment:1",
    }


async def test_ten_at_once_make_one_intent_for_the_adjustment(shop: Shop) -> None:
    booking = await owing(shop)
    answers = await asyncio.gather(*(shop.open(booking, "adjustment:1") for _ in range(10)))
    assert len({answer.json()["payment_intent_id"] for answer in answers if answer.status_code == 200}) == 1
    assert len(await shop.payments(booking)) == 2


@pytest.mark.parametrize("purpose", ["adjustment:2", "booking"])
async def test_what_is_not_owed_gets_no_intent(shop: Shop, purpose: str) -> None:
    answer = await shop.open(await owing(shop), purpose)
    assert answer.status_code == 409


async def test_a_void_adjustment_can_not_be_paid_any_more(shop: Shop) -> None:
    booking = await owing(shop)
    await shop.intent(booking, "adjustment:1")
    void = changed(booking, Adjustment(number=1, amount_cents=MORE, status="void"))
    await shop.service.receive(BookingUpdated(booking=void))
    await shop.work()
    payment = await shop.payment_for(booking, "adjustment:1")
    assert (payment.status, payment.cancel_at) == ("cancelled", None)
    assert (await shop.open(void, "adjustment:1")).json()["error_code"] == "booking_not_payable"


async def test_a_late_success_of_a_void_adjustment_is_told_and_must_go_back(shop: Shop) -> None:
    booking = await owing(shop)
    intent = await shop.intent(booking, "adjustment:1")
    await shop.pay(intent)
    void = changed(booking, Adjustment(number=1, amount_cents=MORE, status="void"))
    await shop.service.receive(BookingUpdated(booking=void))
    await shop.work()
    payment = await shop.payment_for(booking, "adjustment:1")
    assert payment.status == "succeeded"
    shop.later(minutes=3)
    assert "captured_has_booking_or_refund" in await shop.broken()
    await shop.request_refund(payment.id)
    await shop.work()
    assert "captured_has_booking_or_refund" not in await shop.broken()


async def test_a_booking_that_became_dearer_before_it_was_paid_is_asked_for_its_new_price(shop: Shop) -> None:
    booking = a_booking()
    old = await shop.intent(booking)
    dearer = later(booking, prices=PriceLines(total_price_cents=TOTAL_CENTS + MORE))
    new = await shop.intent(dearer)
    assert (new["amount_cents"], new["payment_intent_id"] == old["payment_intent_id"]) == (TOTAL_CENTS + MORE, False)
    assert shop.sandbox.state()["payment_intents"] == {"canceled": 1, "requires_payment_method": 1}


async def test_an_intent_of_an_old_price_is_cancelled_though_nobody_asks_for_a_new_one(shop: Shop) -> None:
    booking = a_booking()
    await shop.intent(booking)
    dearer = later(booking, prices=PriceLines(total_price_cents=TOTAL_CENTS + MORE))
    await shop.service.receive(BookingUpdated(booking=dearer))
    await shop.service.receive(BookingUpdated(booking=booking))
    await shop.work()
    assert shop.sandbox.state()["payment_intents"] == {"canceled": 1}


async def test_cancelling_a_booking_cancels_its_adjustment(shop: Shop) -> None:
    booking = await owing(shop)
    await shop.intent(booking, "adjustment:1")
    await shop.service.receive(BookingCancelled(booking=later(booking, status="cancelled")))
    await shop.work()
    assert (await shop.payment_for(booking, "adjustment:1")).status == "cancelled"


async def test_a_booking_that_says_to_be_paid_more_than_was_captured_is_found(shop: Shop) -> None:
    booking = a_booking()
    await shop.paid(booking)
    paid = changed(booking, Adjustment(number=1, amount_cents=MORE, status="paid"), paid=TOTAL_CENTS + MORE)
    await shop.service.receive(BookingPaid(booking=paid, paid_cents=TOTAL_CENTS))
    assert await shop.broken() == ["bookings_paid_as_captured"]


async def test_a_fee_that_nobody_paid_is_not_kept(shop: Shop) -> None:
    booking = await owing(shop)
    void = (Adjustment(number=1, amount_cents=MORE, status="void"),)
    over = later(booking, status="cancelled", adjustments=void, paid_at=booking.created_at)
    await shop.service.receive(BookingCancelled(booking=over, refund_cents=10_000))
    shop.later(minutes=3)
    proof = await shop.proof()
    held = next(check for check in proof["checks"] if check["name"] == "captured_has_booking_or_refund")
    assert held["figures"]["wrong"] == 1, "what is to be refunded is held still"
