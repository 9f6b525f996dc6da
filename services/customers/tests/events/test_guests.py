from uuid import UUID

from shared.contracts.booking import BookingCreated
from shared.contracts.customers import CustomerVerified, VerificationRequested
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer

from ..factories import PASSWORD, a_booking, opened, post, register


async def verified(service: RunningService) -> UUID:
    customer_id = await register(service)
    (link,) = await service.events(VerificationRequested)
    assert isinstance(link, VerificationRequested)
    answer = await post(service, "/api/customers/auth/verify-email/", {"token": opened(link.token_sealed)})
    assert answer.status_code == 200
    return customer_id


async def confirmations(service: RunningService) -> list[tuple[UUID, int]]:
    """Whose bookings booking is told to look for, and at which version, each time."""
    await service.run_job("know-guests")
    found = await service.events(CustomerVerified)
    return [(event.customer.id, event.customer.version) for event in found if isinstance(event, CustomerVerified)]


async def test_what_a_guest_books_with_a_confirmed_address_is_looked_for_again(service: RunningService) -> None:
    customer_id = await verified(service)
    assert await confirmations(service) == [(customer_id, 2)]
    created, event_id = BookingCreated(booking=a_booking()), new_id()
    for _ in range(2):
        await service.receive(created, event_id)
    await service.receive(BookingCreated(booking=a_booking()))
    assert await confirmations(service) == [(customer_id, 2), (customer_id, 3)]
    assert await confirmations(service) == [(customer_id, 2), (customer_id, 3)]
    await service.receive(BookingCreated(booking=a_booking()))
    assert (await confirmations(service))[2:] == [(customer_id, 4)]


async def test_nobody_is_given_what_is_booked_with_an_address_that_is_not_proved(service: RunningService) -> None:
    customer_id = await register(service)
    await service.receive(BookingCreated(booking=a_booking()))
    await service.receive(BookingCreated(booking=a_booking(customer_id=customer_id)))
    assert await confirmations(service) == []


async def test_a_customers_own_booking_is_theirs_already(service: RunningService) -> None:
    customer_id = await verified(service)
    await service.receive(BookingCreated(booking=a_booking(customer_id=customer_id)))
    assert len(await confirmations(service)) == 1


async def test_who_is_erased_before_gets_nothing(service: RunningService) -> None:
    customer_id = await verified(service)
    await service.receive(BookingCreated(booking=a_booking(status="expired")))
    erased = await post(service, "/api/customers/erase/", {"password": PASSWORD}, a_customer(id=customer_id))
    assert erased.status_code == 200, erased.text
    assert len(await confirmations(service)) == 1
