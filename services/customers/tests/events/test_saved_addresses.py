from typing import Any
from uuid import UUID

from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.booking_state import AddressToSave
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer

from ..factories import a_booking, an_address, changed, post, register

PATH = "/api/customers/addresses/"


async def save(service: RunningService, customer_id: UUID, nickname: str) -> UUID:
    body = {**an_address().model_dump(), "nickname": nickname}
    answer = await post(service, PATH, body, a_customer(id=customer_id))
    return UUID(answer.json()["created_address"]["id"])


async def saved(service: RunningService, customer_id: UUID) -> list[dict[str, Any]]:
    async with service.as_caller(a_customer(id=customer_id)) as client:
        found: list[dict[str, Any]] = (await client.get(PATH)).json()["saved_addresses"]
        return found


async def uses(service: RunningService, customer_id: UUID) -> list[tuple[str, int]]:
    return [(address["nickname"], address["times_used"]) for address in await saved(service, customer_id)]


async def test_a_booking_uses_a_saved_address_once_however_often_it_is_told(service: RunningService) -> None:
    customer_id = await register(service)
    home, _ = await save(service, customer_id, "Home"), await save(service, customer_id, "Beach")
    booking = a_booking(customer_id=customer_id, saved_address_ids=(home, home))
    for event_id in (new_id(), new_id()):
        await service.receive(BookingCreated(booking=booking), event_id)
    await service.receive(BookingPaid(booking=changed(booking, status="paid"), paid_cents=50_000))
    assert await uses(service, customer_id) == [("Home", 1), ("Beach", 0)]
    assert (await saved(service, customer_id))[0]["last_used_at"] == "2026-11-01T15:00:00Z"


async def test_nobody_uses_the_addresses_of_others(service: RunningService) -> None:
    mine = await register(service)
    home = await save(service, mine, "Home")
    other = await register(service, email="bob@example.com")
    for stranger in (other, None):
        await service.receive(BookingCreated(booking=a_booking(customer_id=stranger, saved_address_ids=(home,))))
    assert await uses(service, mine) == [("Home", 0)]


async def test_an_address_of_a_booking_is_saved_under_its_nickname(service: RunningService) -> None:
    customer_id = await register(service)
    wanted = (AddressToSave(nickname="Beach", address=an_address(city="Montauk", zip_code="11954")),)
    booking = a_booking(customer_id=customer_id)
    for event_id in (new_id(), new_id()):
        await service.receive(BookingCreated(booking=booking, addresses_to_save=wanted), event_id)
    [address] = await saved(service, customer_id)
    assert (address["nickname"], address["city"], address["times_used"]) == ("Beach", "Montauk", 1)


async def test_a_nickname_that_is_taken_keeps_its_address(service: RunningService) -> None:
    customer_id = await register(service)
    await save(service, customer_id, "Home")
    wanted = (AddressToSave(nickname="HOME", address=an_address(city="Montauk", zip_code="11954")),)
    await service.receive(BookingCreated(booking=a_booking(customer_id=customer_id), addresses_to_save=wanted))
    [address] = await saved(service, customer_id)
    assert (address["nickname"], address["city"], address["times_used"]) == ("Home", "New York", 0)


async def test_a_removed_address_stays_removed_when_its_booking_is_told_again(service: RunningService) -> None:
    customer_id = await register(service)
    wanted = (AddressToSave(nickname="Beach", address=an_address()),)
    event = BookingCreated(booking=a_booking(customer_id=customer_id), addresses_to_save=wanted)
    await service.receive(event)
    [address] = await saved(service, customer_id)
    async with service.as_caller(a_customer(id=customer_id)) as client:
        await client.delete(f"{PATH}{address['id']}/")
    await service.receive(event)
    assert await saved(service, customer_id) == []


async def test_a_booking_of_an_unknown_customer_saves_nothing(service: RunningService) -> None:
    wanted = (AddressToSave(nickname="Beach", address=an_address()),)
    stranger = new_id()
    await service.receive(BookingCreated(booking=a_booking(customer_id=stranger), addresses_to_save=wanted))
    assert await saved(service, stranger) == []
