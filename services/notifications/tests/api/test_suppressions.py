"""Addresses that messages are kept back from: how they get on the list, what that does, and how they leave it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from notifications.adapters.tables import messages
from notifications.sending.sender import Sender
from notifications.sending.unsubscribing import Unsubscribing
from shared.contracts.booking import BookingCompleted, BookingCreated
from shared.contracts.customers import AuditRecorded, CustomerRegistered
from shared.contracts.notifications import MessageFailed, Unsubscribed
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member
from sqlalchemy import select

LIST = "/api/staff/notifications/suppressions/"
UNSUBSCRIBE = "/api/customers/unsubscribe/"
SAM = a_staff_member("view_customers", "manage_bookings")
Make = Callable[..., Any]
SIGNS = Unsubscribing("https://totetaxi.example", "t" * 40)


async def ask(
    service: RunningService, method: str, path: str, body: Any = None, caller: Caller = SAM
) -> tuple[int, Any]:
    async with service.as_caller(caller) as client:
        answer = await client.request(method, path, json=body)
        return answer.status_code, answer.json() if answer.content else None


async def statuses(service: RunningService) -> dict[str, str]:
    return {row.kind: row.status for row in await service.database.fetch_all(select(messages))}


async def test_nothing_goes_to_an_address_on_the_list_until_it_is_taken_off(
    service: RunningService, sender: Sender, a_booking: Make
) -> None:
    status, entry = await ask(service, "POST", LIST, {"email": "ADA@example.com", "note": "Called us."})
    assert status == 201
    await service.receive(BookingCreated(booking=a_booking()))
    await sender.send_batch()
    assert await statuses(service) == {"booking_received": "failed"}
    assert len(await service.events(MessageFailed)) == 1
    _, answer = await ask(service, "GET", f"{LIST}?address=ada@example.com")
    assert [(one["address"], one["reason"], one["blocks"]) for one in answer["results"]] == [
        ("ada@example.com", "staff", "all")
    ]
    assert (await ask(service, "DELETE", f"{LIST}{entry['id']}/"))[0] == 200
    assert (await ask(service, "DELETE", f"{LIST}{entry['id']}/"))[0] == 404
    assert len(await service.events(AuditRecorded)) == 2


async def test_an_address_is_on_the_list_once(service: RunningService) -> None:
    for expected in (201, 409):
        assert (await ask(service, "POST", LIST, {"phone": "(212) 555-0123"}))[0] == expected


@pytest.mark.parametrize("body", [{}, {"email": "a@example.com", "phone": "2125550123"}, {"email": "nobody"}])
async def test_one_address_must_be_given(service: RunningService, body: dict[str, str]) -> None:
    assert (await ask(service, "POST", LIST, body))[0] == 400


@pytest.mark.parametrize(("caller", "expected"), [(Caller(), 401), (a_customer(), 403), (a_staff_member(), 403)])
async def test_the_list_is_for_staff(service: RunningService, caller: Caller, expected: int) -> None:
    assert (await ask(service, "GET", LIST, caller=caller))[0] == expected
    assert (await ask(service, "POST", LIST, {"email": "a@example.com"}, caller))[0] == expected
    assert (await ask(service, "DELETE", f"{LIST}{new_id()}/", caller=caller))[0] == expected


async def test_the_link_in_a_welcome_ends_what_is_optional_for_a_customer(
    service: RunningService, sender: Sender, a_customer_state: Make, mails: Callable[[], list[Any]], a_booking: Make
) -> None:
    ada = a_customer_state()
    await service.receive(CustomerRegistered(customer=ada))
    await sender.send_batch()
    (welcome,) = mails()
    link = welcome["List-Unsubscribe"].strip("<>")
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.split("token=")[1] in welcome.get_body(("plain",)).get_content()
    async with service.as_caller(Caller()) as client:
        for _ in range(2):
            path = link[link.index("/api/") :]
            answer = await client.post(path, content=b"List-Unsubscribe=One-Click")
            assert answer.status_code == 200
    (told,) = await service.events(Unsubscribed)
    assert (told.customer_id, told.channel) == (ada.id, "email")  # type: ignore[attr-defined]
    await service.receive(BookingCompleted(booking=a_booking(customer_id=ada.id, status="completed")))
    assert await statuses(service) == {"welcome": "sent"}


async def test_a_guest_who_wants_no_more_still_hears_of_bookings(
    service: RunningService, sender: Sender, a_booking: Make
) -> None:
    booking = a_booking(status="completed", version=9)
    await service.receive(BookingCompleted(booking=booking))
    await sender.send_batch()
    (row,) = await service.database.fetch_all(select(messages))
    assert (await ask(service, "POST", f"{UNSUBSCRIBE}?token={SIGNS.token(row.id)}", caller=Caller()))[0] == 200
    await service.receive(BookingCompleted(booking=a_booking(status="completed")))
    await service.receive(BookingCreated(booking=a_booking()))
    await sender.send_batch()
    rows = await service.database.fetch_all(select(messages).order_by(messages.c.id))
    assert [(row.kind, row.status) for row in rows] == [
        ("completed", "sent"), ("completed", "dropped"), ("booking_received", "sent")
    ]  # fmt: skip


@pytest.mark.parametrize("token", ["", "x", "%C3%A9", "A" * 64, SIGNS.token(UUID(int=7))[:-4] + "AAA="])
async def test_a_link_that_was_not_signed_here_does_nothing(service: RunningService, token: str) -> None:
    status, answer = await ask(service, "POST", f"{UNSUBSCRIBE}?token={token}", caller=Caller())
    assert (status, answer["error_code"]) == (400, "invalid_token")


async def test_a_link_without_a_token_is_a_field_error(service: RunningService) -> None:
    status, answer = await ask(service, "POST", UNSUBSCRIBE, caller=Caller())
    assert (status, list(answer["field_errors"])) == (400, ["token"])


async def test_another_secret_signs_other_links(service: RunningService) -> None:
    token = Unsubscribing("https://totetaxi.example", "another secret").token(new_id())
    assert (await ask(service, "POST", f"{UNSUBSCRIBE}?token={token}", caller=Caller()))[0] == 400
