"""What payments tells, and what becomes of the booking."""

import asyncio
from typing import Any

import pytest
from booking.adapters.tables import alerts, bookings, payments, refunds
from booking.commands.cancel_booking import CancelBooking
from booking.commands.expire_unpaid import ExpireBooking
from booking.domain.booking import Actor, InvalidTransition
from booking.events import EVENT_HANDLERS
from shared.contracts.booking import AlertRaised, BookingPaid, RefundRequested
from shared.contracts.payments import (
    PaymentCancelled,
    PaymentCreated,
    PaymentFailed,
    PaymentProcessing,
    PaymentSucceeded,
    RefundCreated,
    RefundFailed,
    RefundSucceeded,
)
from shared.contracts.subscribers import SUBSCRIBERS
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import select

from ..factories import a_payment, a_refund, an_order


async def booked(service: RunningService) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=an_order())
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def status_of(service: RunningService, booking: dict[str, Any]) -> str:
    row = await service.database.fetch_one(select(bookings.c.status).where(bookings.c.id == booking["id"]))
    assert row is not None
    return str(row.status)


async def cancel(service: RunningService, booking: dict[str, Any]) -> None:
    await service.commands.execute(CancelBooking(booking["id"], Actor("guest")))


async def rows(service: RunningService, table: Any) -> list[Any]:
    return await service.database.fetch_all(select(table))


def test_every_event_that_comes_is_handled() -> None:
    assert set(EVENT_HANDLERS) == set(SUBSCRIBERS["booking"])


async def test_a_success_pays_the_booking_once(service: RunningService) -> None:
    booking = await booked(service)
    succeeded = PaymentSucceeded(payment=a_payment(booking))
    message = new_id()
    for event_id in (message, message, new_id()):
        await service.receive(succeeded, event_id)
    [paid] = await service.events(BookingPaid)
    assert isinstance(paid, BookingPaid)
    assert (paid.payment_id, paid.paid_cents, paid.booking.version) == (succeeded.payment.id, 111500, 2)
    assert (paid.booking.status, paid.booking.expires_at) == ("paid", None)
    assert await service.events(AlertRaised) == []


async def test_a_success_that_comes_after_its_refund_still_counts(service: RunningService) -> None:
    booking = await booked(service)
    payment = a_payment(booking)
    later = payment.model_copy(update={"version": 5, "status": "partially_refunded", "refunded_cents": 100})
    await service.receive(RefundSucceeded(refund=a_refund(payment, amount_cents=100), payment=later))
    await service.receive(PaymentSucceeded(payment=payment))
    assert await status_of(service, booking) == "paid"
    [copy] = await rows(service, payments)
    assert (copy.version, copy.status) == (5, "partially_refunded")


@pytest.mark.parametrize("amount", [111499, 111501])
async def test_another_amount_does_not_pay_but_alerts(service: RunningService, amount: int) -> None:
    booking = await booked(service)
    await service.receive(PaymentSucceeded(payment=a_payment(booking, captured_cents=amount, amount_cents=amount)))
    assert await status_of(service, booking) == "pending"
    [alert] = await service.events(AlertRaised)
    assert isinstance(alert, AlertRaised)
    assert (alert.severity, str(alert.booking_id)) == ("critical", booking["id"])


async def test_a_success_for_a_cancelled_booking_goes_back_once(service: RunningService) -> None:
    booking = await booked(service)
    await cancel(service, booking)
    succeeded = PaymentSucceeded(payment=a_payment(booking))
    await service.receive(succeeded)
    await service.receive(succeeded)
    assert await status_of(service, booking) == "cancelled"
    [wanted] = await service.events(RefundRequested)
    assert isinstance(wanted, RefundRequested)
    assert (wanted.payment_id, wanted.amount_cents, wanted.booking.version) == (succeeded.payment.id, None, 3)
    assert len(await service.events(AlertRaised)) == 1


async def test_a_second_payment_of_a_paid_booking_alerts(service: RunningService) -> None:
    booking = await booked(service)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    assert len(await service.events(BookingPaid)) == 1
    assert (await service.events(RefundRequested), len(await service.events(AlertRaised))) == ([], 1)


async def test_a_payment_for_a_booking_that_nobody_knows_alerts(service: RunningService) -> None:
    stranger = {"id": new_id(), "booking_number": "TT-20260101-0001", "total_price_cents": 100}
    await service.receive(PaymentSucceeded(payment=a_payment(stranger)))
    assert len(await service.events(AlertRaised)) == 1


async def test_copies_take_only_newer_states(service: RunningService) -> None:
    booking = await booked(service)
    payment = a_payment(booking)

    def at(version: int, status: str) -> Any:
        return payment.model_copy(update={"version": version, "status": status})

    await service.receive(PaymentProcessing(payment=at(2, "processing")))
    await service.receive(PaymentCreated(payment=at(1, "pending")))
    await service.receive(PaymentFailed(payment=at(3, "failed")))
    await service.receive(PaymentCancelled(payment=at(2, "cancelled")))
    [copy] = await rows(service, payments)
    assert (copy.version, copy.status) == (3, "failed")


async def test_refunds_are_copied_in_any_order(service: RunningService) -> None:
    payment = a_payment(await booked(service))
    refund = a_refund(payment)
    failed = refund.model_copy(update={"version": 3, "status": "failed"})
    created = refund.model_copy(update={"version": 1, "status": "pending"})
    await service.receive(RefundFailed(refund=failed, payment=payment))
    await service.receive(RefundSucceeded(refund=refund, payment=payment))
    await service.receive(RefundCreated(refund=created, payment=payment))
    [copy] = await rows(service, refunds)
    assert (copy.version, copy.status) == (3, "failed")


async def test_an_alert_is_kept_once_per_cause_as_it_was_raised_last(service: RunningService) -> None:
    raised = [AlertRaised(alert_id=new_id(), key="stripe", message=message) for message in ("first", "second")]
    for alert in (*raised, *raised, raised[0]):
        await service.receive(alert)
    [kept] = await rows(service, alerts)
    assert (kept.key, kept.message, kept.last_alert_id) == ("stripe", "second", raised[1].alert_id)


@pytest.mark.parametrize("rival", ["cancel", "expire"])
async def test_an_end_against_a_success_is_paid_or_refunded_never_neither(
    service: RunningService, clock: MovableClock, rival: str
) -> None:
    tries = [await booked(service) for _ in range(50)]
    clock.now = clock.now.replace(day=25)

    async def end(booking: dict[str, Any]) -> None:
        command: Any = ExpireBooking(booking["id"])
        if rival == "cancel":
            command = CancelBooking(booking["id"], Actor("guest"))
        try:
            await service.commands.execute(command)
        except InvalidTransition:
            return

    pays = [PaymentSucceeded(payment=a_payment(booking)) for booking in tries]
    rivals = [step for pair in zip(map(end, tries), map(service.receive, pays), strict=True) for step in pair]
    await asyncio.gather(*rivals)
    paid = {str(event.aggregate_id) for event in await service.events(BookingPaid)}
    back = {str(event.aggregate_id) for event in await service.events(RefundRequested)}
    for booking in tries:
        if await status_of(service, booking) == "paid":
            assert booking["id"] in paid - back
        else:
            assert booking["id"] in back
