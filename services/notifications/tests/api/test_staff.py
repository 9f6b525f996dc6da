from collections.abc import Callable
from typing import Any

import pytest
from notifications.adapters.tables import messages
from notifications.domain.kinds import Kind
from notifications.queries.list_messages import Filters
from notifications.sending.sender import Sender
from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.booking_state import BookingState, Contact
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member
from sqlalchemy import Select, select, text
from sqlalchemy.dialects import postgresql

PATH = "/api/staff/notifications/"
SAM = a_staff_member("view_bookings")
Make = Callable[..., Any]


async def get(service: RunningService, path: str, caller: Caller = SAM) -> tuple[int, Any]:
    async with service.as_caller(caller) as client:
        answer = await client.get(path)
        return answer.status_code, answer.json()


@pytest.fixture
async def bookings(service: RunningService, sender: Sender, a_booking: Make) -> list[BookingState]:
    """Ada's booking with its two messages sent, and Bob's with one that still waits."""
    bob = Contact(first_name="Bob", last_name="B", email="bob@example.com", phone="1")
    ada, bobs = a_booking(), a_booking(contact=bob, booking_number="TT-20260601-0043")
    await service.receive(BookingCreated(booking=ada))
    await service.receive(BookingPaid(booking=ada.model_copy(update={"version": 2, "status": "paid"}), paid_cents=1))
    await sender.send_batch()
    await service.receive(BookingCreated(booking=bobs))
    return [ada, bobs]


async def test_staff_see_the_newest_messages_first(service: RunningService, bookings: list[BookingState]) -> None:
    status, answer = await get(service, PATH)
    assert (status, answer["count"], answer["next"]) == (200, 4, None)
    shown = [(one["kind"], one["status"], one["recipient"]) for one in answer["results"]]
    assert shown == [
        ("booking_received", "pending", "bob@example.com"),
        ("staff_new_booking", "sent", "office@totetaxi.test"),
        ("payment_received", "sent", "ada@example.com"),
        ("booking_received", "sent", "ada@example.com"),
    ]
    assert "sealed" not in str(answer)


async def test_messages_are_found_by_status_recipient_and_booking(
    service: RunningService, bookings: list[BookingState]
) -> None:
    queries = {
        "status=sent": 3,
        "status=failed": 0,
        "recipient=BOB@example.com": 1,
        f"booking_id={bookings[0].id}": 3,
        f"booking_id={bookings[0].id}&recipient=bob@example.com": 0,
        f"booking_id={new_id()}": 0,
        f"booking={bookings[1].id}": 1,
        "booking=TT-20260601-0042": 3,
        "booking=%20tt-20260601-0043%20": 1,
        "booking=TT-20260601-0042&recipient=bob@example.com": 0,
        "booking=TT-20260601-0044": 0,
    }
    counts = {query: (await get(service, f"{PATH}?{query}"))[1]["count"] for query in queries}
    assert counts == queries


async def test_long_lists_come_in_pages(service: RunningService, bookings: list[BookingState]) -> None:
    _, first = await get(service, f"{PATH}?page_size=2&status=sent&recipient=ada@example.com")
    _, second = await get(service, f"{PATH}?page_size=3&page=2")
    assert (len(first["results"]), first["next"]) == (2, None)
    assert (len(second["results"]), second["count"], second["previous"]) == (1, 4, f"{PATH}?page_size=3&page=1")


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=lost", "status"), ("booking_id=7", "booking_id"), ("recipient=%00", "recipient"), ("page=0", "page")],
)
async def test_wrong_filters_are_named(service: RunningService, query: str, field: str) -> None:
    status, answer = await get(service, f"{PATH}?{query}")
    assert (status, list(answer["field_errors"])) == (400, [field])


@pytest.mark.parametrize(("caller", "expected"), [(Caller(), 401), (a_customer(), 403), (a_staff_member(), 403)])
@pytest.mark.parametrize("path", [PATH, f"{PATH}templates/", f"{PATH}templates/welcome/preview/"])
async def test_only_staff_who_see_bookings_see_messages(
    service: RunningService, caller: Caller, expected: int, path: str
) -> None:
    assert (await get(service, path, caller))[0] == expected


async def test_every_template_is_listed_and_can_be_looked_at(service: RunningService) -> None:
    _, answer = await get(service, f"{PATH}templates/")
    assert [template["kind"] for template in answer["templates"]] == list(Kind)
    for template in answer["templates"]:
        status, preview = await get(service, f"{PATH}templates/{template['kind']}/preview/")
        assert (status, preview["subject"]) == (200, template["subject"])
        assert preview["html"].startswith("<!doctype html>")


async def test_an_unknown_template_is_a_field_error(service: RunningService) -> None:
    status, answer = await get(service, f"{PATH}templates/invoice/preview/")
    assert (status, list(answer["field_errors"])) == (400, ["kind"])


async def test_messages_of_a_booking_are_found_by_its_number_without_reading_all(
    service: RunningService, bookings: list[BookingState]
) -> None:
    wanted = select(messages.c.id).where(Filters(booking=bookings[0].booking_number).condition())
    plan = await plan_of(service, wanted)
    assert "bookings_number" in plan


async def plan_of(service: RunningService, statement: Select[Any]) -> str:
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    async with service.database.reading() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = (await connection.execute(text("EXPLAIN " + str(compiled)))).all()
    return "\n".join(row[0] for row in rows)
