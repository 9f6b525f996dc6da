import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from shared.contracts.base import Event
from shared.contracts.booking import (
    BookingCancelled,
    BookingCompleted,
    BookingCreated,
    BookingExpired,
    BookingPaid,
    BookingStarted,
    BookingUpdated,
)
from shared.contracts.booking_state import BookingState
from shared.contracts.payments import PaymentSucceeded
from shared.db.sight import noting_round_trips
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer

from ..factories import BOOKED_AT, a_booking, a_payment, a_refund, changed, failed, register


async def stats(service: RunningService, customer_id: UUID) -> dict[str, Any]:
    async with service.as_caller(a_customer(id=customer_id)) as client:
        answer: dict[str, Any] = (await client.get("/api/customers/profile/")).json()["booking_stats"]
        return answer


async def counted(service: RunningService, customer_id: UUID) -> tuple[int, int]:
    found = await stats(service, customer_id)
    return found["total_bookings"], found["total_spent_cents"]


def paid(booking: BookingState, payment_id: UUID | None = None) -> BookingPaid:
    return BookingPaid(booking=booking, payment_id=payment_id, paid_cents=booking.total_cents)


async def test_a_guests_booking_takes_one_round_trip(service: RunningService) -> None:
    with noting_round_trips() as trips:
        await service.receive(BookingCreated(booking=a_booking(customer_id=None)))
    assert len(trips) == 1, trips


async def test_a_booking_counts_once_it_is_paid(service: RunningService) -> None:
    customer_id = await register(service)
    created = a_booking(customer_id=customer_id)
    await service.receive(BookingCreated(booking=created))
    assert await counted(service, customer_id) == (0, 0)
    booking = changed(created, status="paid", paid_at=BOOKED_AT + timedelta(minutes=5))
    for event_id in (new_id(), new_id()):
        await service.receive(paid(booking), event_id)
    assert await stats(service, customer_id) == {
        "total_bookings": 1,
        "total_spent_cents": 50_000,
        "total_spent_dollars": 500,
        "last_booking_at": "2026-11-01T15:05:00Z",
        "is_vip": False,
    }


async def test_refunds_and_cancellations_shrink_the_sums(service: RunningService) -> None:
    customer_id, payment_id = await register(service), new_id()
    booking = changed(a_booking(customer_id=customer_id), status="paid")
    await service.receive(paid(booking, payment_id))
    await service.receive(a_refund(booking, payment_id, 20_000))
    assert await counted(service, customer_id) == (1, 30_000)
    await service.receive(BookingCancelled(booking=changed(booking, status="cancelled")))
    assert await counted(service, customer_id) == (0, 30_000)
    await service.receive(a_refund(booking, payment_id, 30_000))
    assert await counted(service, customer_id) == (0, 0)
    assert (await stats(service, customer_id))["last_booking_at"] is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0, 1)])
async def test_a_refund_that_came_back_is_spent_again(service: RunningService, order: tuple[int, ...]) -> None:
    customer_id, payment_id = await register(service), new_id()
    booking = changed(a_booking(customer_id=customer_id), status="paid")
    await service.receive(paid(booking, payment_id))
    went = a_refund(booking, payment_id, 20_000)
    for which in order:
        await service.receive((went, failed(went))[which])
    assert await counted(service, customer_id) == (1, 50_000)


async def test_a_second_payment_that_went_back_whole_changes_nothing(service: RunningService) -> None:
    customer_id = await register(service)
    booking = changed(a_booking(customer_id=customer_id), status="paid")
    await service.receive(paid(booking, new_id()))
    await service.receive(a_refund(booking, new_id(), booking.total_cents))
    assert await counted(service, customer_id) == (1, 50_000)


async def test_money_for_a_booking_that_had_expired_never_counts(service: RunningService) -> None:
    customer_id = await register(service)
    booking = a_booking(customer_id=customer_id)
    await service.receive(BookingExpired(booking=changed(booking, status="expired")))
    await service.receive(a_refund(booking, new_id(), booking.total_cents))
    assert await counted(service, customer_id) == (0, 0)


async def test_ten_paid_bookings_make_a_vip_and_a_cancellation_unmakes_one(service: RunningService) -> None:
    customer_id = await register(service)
    bookings = [changed(a_booking(100, customer_id=customer_id), status="paid") for _ in range(10)]
    for booking in bookings:
        assert not (await stats(service, customer_id))["is_vip"]
        await service.receive(paid(booking))
    assert (await stats(service, customer_id))["is_vip"]
    await service.receive(BookingCancelled(booking=changed(bookings[0], status="cancelled")))
    assert not (await stats(service, customer_id))["is_vip"]


async def test_what_an_adjustment_cost_counts_as_spent_and_makes_no_second_booking(service: RunningService) -> None:
    customer_id, payment_id = await register(service), new_id()
    booking = changed(a_booking(customer_id=customer_id), status="paid")
    adjustment = a_payment(booking, cents=7_500)
    for event in (adjustment, paid(booking, payment_id), adjustment, PaymentSucceeded(payment=adjustment.payment)):
        await service.receive(event)
    assert await counted(service, customer_id) == (1, 57_500)
    await service.receive(a_refund(booking, adjustment.payment.id, 2_500, 7_500))
    assert await counted(service, customer_id) == (1, 55_000)


async def test_a_guest_booking_that_becomes_a_customers_counts_with_all_its_money(service: RunningService) -> None:
    customer_id = await register(service)
    booking = changed(a_booking(), status="paid")
    await service.receive(paid(booking, new_id()))
    await service.receive(a_payment(booking, cents=1_000))
    await service.receive(BookingUpdated(booking=changed(booking, customer_id=customer_id)))
    assert await counted(service, customer_id) == (1, 51_000)


@dataclass
class History:
    """What happened to one booking, and what of it must count."""

    events: list[Event] = field(default_factory=list)
    counts: bool = False
    spent_cents: int = 0


def random_history(rng: random.Random, customer_id: UUID) -> History:
    payment_id = new_id()
    booking = a_booking(rng.randrange(50, 300_000), customer_id=customer_id)
    history = History([BookingCreated(booking=booking)])
    for event_type, status in _life(rng):
        booking = changed(booking, status=status)
        if event_type is BookingPaid:
            history.events.append(paid(booking, payment_id))
            history.counts, history.spent_cents = True, booking.total_cents
        else:
            history.events.append(event_type(booking=booking))  # type: ignore[call-arg]
    history.counts &= booking.status != "cancelled"
    left = {payment_id: history.spent_cents}
    if history.spent_cents and rng.random() < 0.4:
        adjustment = a_payment(booking, cents=rng.randint(1, 90_000))
        left[adjustment.payment.id] = adjustment.payment.captured_cents
        history.events.append(adjustment)
    while sum(left.values()) and rng.random() < 0.4:
        of = rng.choice([payment for payment, cents in left.items() if cents])
        captured = booking.total_cents if of == payment_id else adjustment.payment.captured_cents
        refund = a_refund(booking, of, rng.randint(1, left[of]), captured)
        history.events.append(refund)
        left[of] -= refund.refund.amount_cents
    history.spent_cents = sum(left.values())
    if rng.random() < 0.2:
        history.events.append(a_refund(booking, new_id(), booking.total_cents))
    return history


def _life(rng: random.Random) -> Iterator[tuple[type[Event], str]]:
    if rng.random() < 0.3:
        yield rng.choice([(BookingExpired, "expired"), (BookingCancelled, "cancelled")])
        return
    yield BookingPaid, "paid"
    for event_type, status in ((BookingUpdated, "paid"), (BookingStarted, "in_progress")):
        if rng.random() < 0.5:
            yield event_type, status
    if rng.random() < 0.6:
        yield rng.choice([(BookingCancelled, "cancelled"), (BookingCompleted, "completed")])


@pytest.mark.parametrize("seed", range(4))
async def test_shuffled_and_repeated_histories_come_to_what_a_recount_says(service: RunningService, seed: int) -> None:
    """A thousand histories in all, of a few customers each; every event comes up to three times, in any order."""
    rng = random.Random(seed)
    customers = [await register(service, email=f"c{number}@example.com") for number in range(5)]
    histories = {customer_id: [random_history(rng, customer_id) for _ in range(50)] for customer_id in customers}
    told = [(event, new_id()) for each in histories.values() for history in each for event in history.events]
    deliveries = (
        told + rng.sample(told, len(told) // 5) + [(event, new_id()) for event, _ in rng.sample(told, len(told) // 5)]
    )
    rng.shuffle(deliveries)
    for first in range(0, len(deliveries), 5):
        await asyncio.gather(*(service.receive(*delivery) for delivery in deliveries[first : first + 5]))
    for customer_id, each in histories.items():
        recount = sum(history.counts for history in each), sum(history.spent_cents for history in each)
        assert await counted(service, customer_id) == recount
