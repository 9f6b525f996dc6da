from typing import Any
from uuid import UUID

import pytest
from shared.contracts.customers import ContactReceived, CustomerUpdated
from shared.contracts.notifications import Unsubscribed
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member

from ..factories import post, register

FORM = {"name": "Ada Byron", "email": "Ada@Example.com", "message": "Do you move pianos?"}
OFFICE = a_staff_member("view_customers", "edit_customer_notes")
PATH = "/api/staff/contact-messages/"


async def messages(service: RunningService, **query: Any) -> list[dict[str, Any]]:
    async with service.as_caller(OFFICE) as client:
        answer = await client.get(PATH, params=query or None)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found


async def test_anybody_may_write_to_the_office(service: RunningService) -> None:
    answer = await post(service, "/api/customers/contact/", FORM | {"phone": "(212) 555-0123", "subject": "Pianos"})
    assert answer.status_code == 201, answer.text
    [event] = [event for event in await service.events(ContactReceived) if isinstance(event, ContactReceived)]
    assert (event.email, event.phone, event.message) == ("ada@example.com", "+12125550123", FORM["message"])
    [shown] = await messages(service)
    assert (shown["id"], shown["subject"], shown["customer_id"]) == (answer.json()["contact_id"], "Pianos", None)


async def test_the_office_sees_who_is_a_customer_and_marks_what_is_done(service: RunningService) -> None:
    me = a_customer(id=await register(service))
    first = (await post(service, "/api/customers/contact/", FORM, me)).json()["contact_id"]
    await post(service, "/api/customers/contact/", FORM)
    async with service.as_caller(OFFICE) as client:
        for _ in range(2):
            done = (await client.put(f"{PATH}{first}/", json={"handled": True})).json()["updated_message"]
        assert (done["customer_id"], done["handled_by"]) == (str(me.id), str(OFFICE.id))
        assert [row["id"] for row in await messages(service, handled=True)] == [first]
        assert len(await messages(service, handled=False)) == 1
        opened = (await client.put(f"{PATH}{first}/", json={"handled": False})).json()["updated_message"]
        assert (opened["handled_at"], opened["handled_by"]) == (None, None)
        assert (await client.put(f"{PATH}{new_id()}/", json={"handled": True})).status_code == 404
    async with service.as_caller(a_staff_member("manage_operations")) as client:
        entries = (await client.get("/api/staff/audit/", params={"customer_id": str(me.id)})).json()["results"]
    assert [entry["description"] for entry in entries] == [
        "Message to the office opened again",
        "Message to the office handled",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Ada\nBcc: x"),
        ("email", "nobody"),
        ("message", ""),
        ("message", "x" * 5001),
        ("phone", "1"),
    ],
)
async def test_a_wrong_form_is_refused_by_field(service: RunningService, field: str, value: str) -> None:
    answer = await post(service, "/api/customers/contact/", FORM | {field: value})
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])


async def test_only_the_office_sees_messages(service: RunningService) -> None:
    for caller in (a_customer(), a_staff_member("view_bookings")):
        async with service.as_caller(caller) as client:
            assert (await client.get(PATH)).status_code == 403
            assert (await client.put(f"{PATH}{new_id()}/", json={"handled": True})).status_code == 403


async def preferences(service: RunningService, customer_id: UUID) -> tuple[bool, bool]:
    async with service.as_caller(a_customer(id=customer_id)) as client:
        found = (await client.get("/api/customers/preferences/")).json()
        return found["email_notifications"], found["sms_notifications"]


async def test_whoever_unsubscribes_gets_the_preference_turned_off(service: RunningService) -> None:
    customer_id = await register(service)
    event = Unsubscribed(request_id=new_id(), customer_id=customer_id, channel="email")
    for event_id in (new_id(), new_id()):
        await service.receive(event, event_id)
    assert await preferences(service, customer_id) == (False, False)
    updated = [event for event in await service.events(CustomerUpdated) if isinstance(event, CustomerUpdated)]
    assert not updated[-1].customer.email_notifications


async def test_guests_and_strangers_who_unsubscribe_change_nothing_here(service: RunningService) -> None:
    customer_id = await register(service)
    for stranger in (None, new_id()):
        await service.receive(Unsubscribed(request_id=new_id(), customer_id=stranger, channel="email"))
    assert await preferences(service, customer_id) == (True, False)
    assert await service.events(CustomerUpdated) == []
