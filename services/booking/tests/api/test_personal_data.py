"""What booking tells about a customer to the service that gives customers all of their data."""

from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_service

from ..factories import a_customers_order

OWN = "/api/customers/bookings/create/"


async def test_bookings_are_told_whole_and_to_services_alone(service: RunningService) -> None:
    me, other = a_customer(), a_customer()
    for who in (me, other):
        async with service.as_caller(who) as client:
            order = a_customers_order(special_instructions="Mind the dog.", item_description="A piano")
            assert (await client.post(OWN, json=order)).status_code == 201
    async with service.as_caller(a_service("customers")) as client:
        told = (await client.get(f"/internal/customers/{me.id}/data/")).json()["lists"]
        nothing = (await client.get(f"/internal/customers/{new_id()}/data/")).json()["lists"]
    [move] = told["moves"]
    assert (move["special_instructions"], move["item_description"]) == ("Mind the dog.", "A piano")
    assert (move["pickup_address"]["address_line_1"], move["status_history"][0]["to_status"]) == (
        "1 Main St",
        "pending",
    )
    assert nothing == {"moves": [], "ratings": [], "documents": [], "crew_notes": []}
    async with service.as_caller(me) as client:
        assert (await client.get(f"/internal/customers/{me.id}/data/")).status_code in (401, 403, 404)
