"""Payments that Stripe knows and the books have lost, as after a restore from before them."""

from uuid import UUID

import pytest
from payments.domain.facts import APP
from shared.contracts.booking import AlertCleared, AlertRaised, BookingCreated
from shared.contracts.booking_state import BookingState
from shared.contracts.payments import PaymentSucceeded
from shared.ids import new_id

from ..factories import TOTAL_CENTS, Shop, a_booking


async def a_lost_payment(shop: Shop, booking: BookingState) -> UUID:
    """Paid at Stripe, and known there alone; its id."""
    lost = new_id()
    named = {"app": APP, "payment_id": str(lost), "booking_id": str(booking.id), "purpose": "booking"}
    form = {"amount": str(TOTAL_CENTS), "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    await shop.at_stripe("POST", "/v1/payment_intents", **form, **{f"metadata[{key}]": it for key, it in named.items()})
    return lost


async def test_a_lost_payment_of_a_known_booking_is_found_again_and_counts(shop: Shop) -> None:
    booking = a_booking()
    await shop.service.receive(BookingCreated(booking=booking))
    lost = await a_lost_payment(shop, booking)
    for _ in range(2):
        await shop.service.run_job("compare-hours")
    payment = await shop.payment(booking)
    assert (payment.id, payment.status, payment.captured_cents) == (lost, "succeeded", TOTAL_CENTS)
    (told,) = await shop.service.events(PaymentSucceeded)
    assert told.payment.id == lost  # type: ignore[attr-defined]
    assert await shop.service.events(AlertRaised) == []
    assert "payments_equal_ledger" not in await shop.broken()


async def test_its_webhook_finds_it_again_as_well(shop: Shop) -> None:
    booking = a_booking()
    await shop.service.receive(BookingCreated(booking=booking))
    await a_lost_payment(shop, booking)
    assert (await shop.deliver(shop.webhooks("payment_intent.succeeded")[0])).status_code == 200
    assert (await shop.payment(booking)).status == "succeeded"


@pytest.mark.parametrize(
    ("paid_anew", "ends"), [(False, {"succeeded", "cancelled"}), (True, {"succeeded", "refunded"})]
)
async def test_it_is_one_too_many_if_another_was_paid_in_its_place(shop: Shop, paid_anew: bool, ends: set[str]) -> None:
    booking = a_booking()
    if paid_anew:
        await shop.paid(booking)
    else:
        await shop.intent(booking)
    lost = await a_lost_payment(shop, booking)
    await shop.service.run_job("compare-hours")
    await shop.work()
    found = {payment.id: payment.status for payment in await shop.payments(booking)}
    assert set(found.values()) == ends
    assert found[lost] == ("refunded" if paid_anew else "succeeded")


async def test_a_booking_that_is_not_known_is_for_people_until_it_is_known(shop: Shop) -> None:
    booking = a_booking()
    await a_lost_payment(shop, booking)
    await shop.service.run_job("compare-hours")
    assert await shop.payments(booking) == []
    (alert,) = await shop.service.events(AlertRaised)
    assert alert.key.startswith("unknown-intent:")  # type: ignore[attr-defined]
    await shop.service.receive(BookingCreated(booking=booking))
    await shop.service.run_job("compare-hours")
    assert [cleared.key for cleared in await shop.service.events(AlertCleared)] == [alert.key]  # type: ignore[attr-defined]
