"""Unpaid bookings expire, and no others."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from booking.adapters.tables import bookings
from booking.commands.expire_unpaid import ExpireBooking
from shared.contracts.booking import BookingExpired
from shared.contracts.payments import PaymentProcessing, PaymentSucceeded
from shared.testing.service import MovableClock, RunningService
from sqlalchemy import func, select

from ..factories import a_booking, a_payment, an_order

DAY = timedelta(hours=24)


async def booked(service: RunningService) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=an_order())
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def expired(service: RunningService) -> list[str]:
    await service.run_job("expire-unpaid")
    return [str(event.aggregate_id) for event in await service.events(BookingExpired)]


async def test_a_booking_expires_after_a_day(service: RunningService, clock: MovableClock) -> None:
    booking = await booked(service)
    clock.now += DAY - timedelta(seconds=1)
    assert await expired(service) == []
    clock.now += timedelta(seconds=1)
    assert await expired(service) == [booking["id"]]
    assert await expired(service) == [booking["id"]]
    row = await service.database.fetch_one(select(bookings.c.status_history))
    assert row is not None
    assert row.status_history[-1]["changed_by"] == "clock"


async def test_a_payment_under_way_keeps_it(service: RunningService, clock: MovableClock) -> None:
    booking = await booked(service)
    payment = a_payment(booking, status="processing", version=2)
    await service.receive(PaymentProcessing(payment=payment))
    clock.now += DAY
    assert await expired(service) == []


async def test_a_payment_that_began_since_it_was_found_due_keeps_it(
    service: RunningService, clock: MovableClock
) -> None:
    booking = await booked(service)
    clock.now += DAY
    await service.receive(PaymentProcessing(payment=a_payment(booking, status="processing", version=2)))
    assert await service.commands.execute(ExpireBooking(UUID(booking["id"]))) is False


async def test_a_paid_booking_does_not_expire(service: RunningService, clock: MovableClock) -> None:
    await service.receive(PaymentSucceeded(payment=a_payment(await booked(service))))
    clock.now += DAY
    assert await expired(service) == []


async def test_many_expire_in_one_run(service: RunningService, clock: MovableClock) -> None:
    async with service.database.transaction() as connection:
        due = [a_booking(expires_at=clock.now) for _ in range(230)]
        values = [{column.name: getattr(one, column.name) for column in bookings.columns} for one in due]
        await connection.execute(bookings.insert(), values)
    assert len(await expired(service)) == 230
    left = await service.database.fetch_one(select(func.count()).where(bookings.c.status == "pending"))
    assert left is not None
    assert left[0] == 0
