"""What notifications tells about a customer to the service that gives customers all of their data."""

from collections.abc import Callable
from typing import Any

from shared.contracts.booking import BookingCreated
from shared.contracts.customers import CustomerRegistered
from shared.ids import new_id
from shared.testing.service import RunningService, a_service


async def test_messages_to_the_customer_are_told(
    service: RunningService, a_booking: Callable[..., Any], a_customer_state: Callable[..., Any]
) -> None:
    ada = a_customer_state()
    await service.receive(CustomerRegistered(customer=ada))
    await service.receive(BookingCreated(booking=a_booking(customer_id=ada.id)))
    async with service.as_caller(a_service("customers")) as client:
        told = (await client.get(f"/internal/customers/{ada.id}/data/")).json()["lists"]
        nothing = (await client.get(f"/internal/customers/{new_id()}/data/")).json()["lists"]
    assert "booking_received" in {message["kind"] for message in told["messages"]}
    assert nothing == {"messages": []}
