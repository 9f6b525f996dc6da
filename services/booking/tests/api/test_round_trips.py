"""What a booking asks the database: round trips are the larger part of what a booking costs."""

from booking.adapters.numbers import TAKEN_AT_ONCE
from shared.contracts.payments import PaymentCreated, PaymentSucceeded
from shared.db.sight import noting_round_trips
from shared.testing.service import RunningService

from ..factories import a_payment, an_order


def told(trips: list[list[str]]) -> list[str]:
    """The first words of the statements of each trip."""
    return [" ".join(sql.split()[0] for sql in trip) for trip in trips]


async def book(service: RunningService, number: int) -> tuple[dict[str, object], list[str]]:
    async with service.as_caller(**{"Idempotency-Key": f"a-key-of-a-guest-{number}"}) as client:
        with noting_round_trips() as trips:
            answer = await client.post("/api/bookings/guest-booking/", json=an_order())
    return answer.json()["booking"], told(trips)


async def test_a_booking_takes_five_round_trips_and_numbers_are_taken_many_at_once(service: RunningService) -> None:
    taken = [(await book(service, number))[1] for number in range(TAKEN_AT_ONCE + 1)]
    usual = ["SELECT", "BEGIN INSERT", "INSERT INSERT INSERT INSERT", "INSERT COMMIT", "UPDATE"]
    with_numbers = ["SELECT", "INSERT", *usual[1:]]
    assert taken == [with_numbers, *[usual] * (TAKEN_AT_ONCE - 1), with_numbers]


async def test_what_follows_takes_one_and_three(service: RunningService) -> None:
    booking, _ = await book(service, 1)
    payment = a_payment(booking)
    with noting_round_trips() as trips:
        await service.receive(PaymentCreated(payment=payment.model_copy(update={"version": 1, "status": "pending"})))
    assert told(trips) == ["BEGIN INSERT WITH COMMIT"]
    with noting_round_trips() as trips:
        await service.receive(PaymentSucceeded(payment=payment))
    assert len(trips) == 3, told(trips)
