"""The places of a day: taken once each, held for a while, freed once, and honoured when they were paid."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from booking.adapters.sales_tables import capacity_days
from booking.adapters.tables import bookings
from booking.commands.cancel_booking import CancelBooking
from booking.commands.hold_place import EndHold
from booking.domain.booking import Actor, InvalidTransition
from shared.contracts.booking import AlertRaised, BookingPaid, BookingUpdated
from shared.contracts.payments import PaymentFailed, PaymentProcessing, PaymentSucceeded
from shared.testing.service import MovableClock, RunningService, a_service, a_staff_member
from sqlalchemy import func, select

from ..factories import a_payment, an_order, with_policies
from ..other_services import OtherServices

GUEST = "/api/bookings/guest-booking/"
DAY = "2026-12-02"
HOLD = timedelta(minutes=30)


@pytest.fixture
def two_places(others: OtherServices) -> None:
    """Days that take two mini moves each; Christmas takes none."""
    places = {"mini_move": 2, "standard_delivery": 40, "specialty_item": 12}
    catalog = with_policies(daily_capacity=places, blackout_dates=["2026-12-25"])
    others.catalog = catalog.model_dump(mode="json")


async def order(service: RunningService, day: str = DAY) -> Any:
    async with service.as_caller() as client:
        return await client.post(GUEST, json=an_order(details={"pickup_date": day}))


async def booked(service: RunningService, day: str = DAY) -> dict[str, Any]:
    answer = await order(service, day)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def used(service: RunningService, day: str = DAY) -> int:
    row = await service.database.fetch_one(
        select(func.coalesce(func.sum(capacity_days.c.used), 0)).where(capacity_days.c.day == date.fromisoformat(day))
    )
    held = await service.database.fetch_one(
        select(func.count()).where(bookings.c.pickup_date == date.fromisoformat(day), bookings.c.holds_place)
    )
    assert row is not None
    assert held is not None
    assert row[0] == held[0], "the count and the bookings that hold a place must agree"
    return int(row[0])


async def take_again(service: RunningService, booking: dict[str, Any]) -> Any:
    async with service.as_caller(a_service("payments")) as client:
        return await client.post(f"/internal/bookings/{booking['id']}/place")


async def lost_its_place(service: RunningService, clock: MovableClock) -> dict[str, Any]:
    booking = await booked(service)
    clock.now += HOLD
    assert await service.run_job("end-holds") == 1
    return booking


async def test_fifty_at_once_for_the_last_place(two_places: None, service: RunningService) -> None:
    await booked(service)
    answers = await asyncio.gather(*(order(service) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert await used(service) == 2


async def test_a_full_day_names_the_three_nearest_free_ones(two_places: None, service: RunningService) -> None:
    for day in (DAY, DAY, "2026-12-01", "2026-12-01"):
        await booked(service, day)
    body = (await order(service)).json()
    assert (body["error_code"], body["nearest_dates"]) == (
        "no_capacity", ["2026-12-03", "2026-11-30", "2026-12-04"]
    )  # fmt: skip


async def test_a_blackout_date_is_full(two_places: None, service: RunningService) -> None:
    answer = await order(service, "2026-12-25")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "no_capacity")
    assert answer.json()["nearest_dates"] == ["2026-12-24", "2026-12-26", "2026-12-23"]


async def test_an_unpaid_booking_holds_its_place_for_half_an_hour(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    await booked(service)
    clock.now += HOLD - timedelta(seconds=1)
    assert await service.run_job("end-holds") == 0
    clock.now += timedelta(seconds=1)
    assert (await service.run_job("end-holds"), await service.run_job("end-holds")) == (1, 0)
    assert await used(service) == 0
    [told] = await service.events(BookingUpdated)
    assert isinstance(told, BookingUpdated)
    assert not told.booking.holds_place


async def test_a_payment_in_progress_keeps_the_place_until_it_fails(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    booking = await booked(service)
    payment = a_payment(booking, status="processing", version=2, captured_cents=0)
    await service.receive(PaymentProcessing(payment=payment))
    clock.now += HOLD
    assert await service.run_job("end-holds") == 0
    await service.receive(PaymentFailed(payment=payment.model_copy(update={"version": 3, "status": "pending"})))
    assert await service.run_job("end-holds") == 1


async def test_a_later_payment_takes_a_place_again(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    booking = await lost_its_place(service, clock)
    answers = await asyncio.gather(*(take_again(service, booking) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["booking"]["holds_place"] for answer in answers)
    assert await used(service) == 1
    clock.now += HOLD
    assert await service.run_job("end-holds") == 1


async def test_a_later_payment_of_a_full_day_is_refused(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    booking = await lost_its_place(service, clock)
    await booked(service)
    await booked(service)
    answer = await take_again(service, booking)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "no_capacity")
    assert len(answer.json()["nearest_dates"]) == 3


async def test_who_has_paid_is_honoured_though_the_day_is_full(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    booking = await lost_its_place(service, clock)
    await booked(service)
    await booked(service)
    payment = a_payment(booking)
    for _ in range(2):
        await service.receive(PaymentSucceeded(payment=payment))
    [paid] = await service.events(BookingPaid)
    assert isinstance(paid, BookingPaid)
    assert (paid.overbooked, paid.booking.holds_place, await used(service)) == (True, True, 3)
    [alert] = await service.events(AlertRaised)
    assert isinstance(alert, AlertRaised)
    assert alert.key == f"overbooked:{booking['id']}"


async def test_who_has_paid_in_time_for_a_free_place_is_not_overbooked(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    booking = await lost_its_place(service, clock)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    [paid] = await service.events(BookingPaid)
    assert isinstance(paid, BookingPaid)
    assert (paid.overbooked, await used(service)) == (False, 1)


async def test_a_place_is_freed_once_however_a_booking_ends(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    stays, ends = await booked(service), await booked(service)
    clock.now += HOLD
    await service.receive(PaymentSucceeded(payment=a_payment(stays)))
    cancel, end = CancelBooking(ends["id"], Actor("guest")), EndHold(ends["id"])
    commands = (cancel, end, cancel, end, cancel, end)
    done = await asyncio.gather(*(service.commands.execute(one) for one in commands), return_exceptions=True)
    assert all(isinstance(one, InvalidTransition) for one in done if isinstance(one, BaseException))
    assert await used(service) == 1


async def test_an_expired_booking_holds_nothing(two_places: None, service: RunningService, clock: MovableClock) -> None:
    await booked(service)
    clock.now += timedelta(hours=24)
    await service.run_job("expire-unpaid")
    await service.run_job("end-holds")
    assert await used(service) == 0


async def test_staff_confirm_a_booking_without_a_place_on_a_full_day_only_with_a_reason(
    two_places: None, service: RunningService, clock: MovableClock
) -> None:
    booking = await lost_its_place(service, clock)
    await booked(service)
    await booked(service)
    change = {"version": 2, "status": "confirmed"}
    async with service.as_caller(a_staff_member("manage_bookings")) as client:
        path = f"/api/staff/bookings/{booking['id']}/"
        refused = await client.put(path, json=change)
        taken = await client.put(path, json=change | {"reason": "Two vans that day."})
    assert (refused.status_code, refused.json()["error_code"]) == (409, "no_capacity")
    assert len(refused.json()["nearest_dates"]) == 3
    assert (taken.status_code, await used(service)) == (200, 3)


async def test_two_bookings_change_places_without_waiting_for_each_other(
    two_places: None, service: RunningService
) -> None:
    other = "2026-12-03"
    here, there = await booked(service), await booked(service, other)

    async def move(booking: dict[str, Any], day: str) -> int:
        async with service.as_caller(a_staff_member("manage_bookings")) as client:
            path, slot = f"/api/staff/bookings/{booking['id']}/reschedule/", {"pickup_date": day}
            return (await client.post(path, json=slot | {"pickup_time": "morning"})).status_code

    for first, second in ((other, DAY), (DAY, other)):
        assert await asyncio.gather(move(here, first), move(there, second)) == [200, 200]
    assert (await used(service), await used(service, other)) == (1, 1)
