import asyncio
import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from shared.contracts.booking import BookingPaid
from shared.contracts.customers import CustomerUpdated
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member

from ..factories import a_booking, register

PATH = "/api/staff/customers/"
MANAGER = a_staff_member("view_customers", "manage_customers", "edit_customer_notes", "view_reports")
OPERATOR = a_staff_member("view_customers", "edit_customer_notes")
VIEWER = a_staff_member("view_customers")


async def put(service: RunningService, path: str, body: Any, caller: Any = MANAGER) -> Any:
    async with service.as_caller(caller) as client:
        return await client.put(f"{PATH}{path}", json=body)


async def get(service: RunningService, path: str = "", caller: Any = MANAGER, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(f"{PATH}{path}", params=query or None)


async def pay(service: RunningService, customer_id: UUID, cents: int, times: int = 1) -> None:
    for _ in range(times):
        booking = a_booking(cents, customer_id=customer_id, status="paid", version=2)
        await service.receive(BookingPaid(booking=booking, payment_id=new_id(), paid_cents=cents))


async def audited(service: RunningService, customer_id: UUID) -> list[dict[str, Any]]:
    async with service.as_caller(a_staff_member("manage_operations")) as client:
        answer = await client.get("/api/staff/audit/", params={"customer_id": str(customer_id)})
        found: list[dict[str, Any]] = answer.json()["results"]
        return found


async def test_notes_are_added_and_never_changed(service: RunningService, clock: MovableClock) -> None:
    customer_id = await register(service)
    for note in ("Has a piano.", "Prefers mornings."):
        answer = await put(service, f"{customer_id}/notes/", {"notes": note}, OPERATOR)
        assert answer.status_code == 200, answer.text
    notes = answer.json()["updated_customer"]["notes"]
    assert [(row["note"], row["staff_id"]) for row in notes] == [
        ("Prefers mornings.", str(OPERATOR.id)),
        ("Has a piano.", str(OPERATOR.id)),
    ]
    entries = await audited(service, customer_id)
    assert [entry["action_type"] for entry in entries] == ["customer_notes_updated"] * 2
    assert "piano" not in str(entries)


async def test_staff_change_a_profile_and_the_audit_log_tells_which_fields_only(service: RunningService) -> None:
    customer_id = await register(service)
    change = {"first_name": "Augusta", "notification_preferences": {"sms_notifications": True}, "version": 1}
    file = (await put(service, f"{customer_id}/", change)).json()["updated_customer"]
    profile = file["customer_details"]["customer_profile"]
    assert (file["customer_details"]["user"]["first_name"], profile["sms_notifications"]) == ("Augusta", True)
    assert profile["version"] == 2
    [event] = await service.events(CustomerUpdated)
    assert event.customer.first_name == "Augusta"  # type: ignore[attr-defined]
    [entry] = await audited(service, customer_id)
    assert entry["after"] == {"version": 2, "changed": ["first_name", "sms_notifications"]}
    assert "Augusta" not in str(entry)


async def test_a_change_without_a_version_is_of_the_customer_as_they_are(service: RunningService) -> None:
    customer_id = await register(service)
    for name in ("King", "Noel"):
        answer = await put(service, f"{customer_id}/", {"last_name": name})
        assert answer.status_code == 200, answer.text
        assert answer.json()["updated_customer"]["customer_details"]["user"]["last_name"] == name
    entries = await audited(service, customer_id)
    assert [entry["before"] for entry in entries] == [{"version": 2}, {"version": 1}]


async def test_of_two_who_change_at_once_one_is_too_late(service: RunningService) -> None:
    customer_id = await register(service)
    changes = [{"last_name": name, "version": 1} for name in ("King", "Noel", "Lovelace")]
    answers = await asyncio.gather(*(put(service, f"{customer_id}/", change) for change in changes))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["error_code"], refused["version"]) == ("stale_version", 2)
    assert len(await audited(service, customer_id)) == 1


@pytest.mark.parametrize(("cents", "times"), [(100_000, 1), (100, 5)])
async def test_a_vip_is_made_by_hand_from_five_bookings_or_a_thousand_dollars(
    service: RunningService, cents: int, times: int
) -> None:
    customer_id = await register(service)
    early = await put(service, f"{customer_id}/", {"is_vip": True, "version": 1})
    assert (early.status_code, early.json()["error_code"]) == (409, "vip_not_reached")
    await pay(service, customer_id, cents, times)
    made = await put(service, f"{customer_id}/", {"is_vip": True, "version": 1})
    assert made.json()["updated_customer"]["customer_details"]["customer_profile"]["is_vip"]
    assert [row["id"] for row in (await get(service, is_vip=True)).json()["results"]] == [str(customer_id)]
    unmade = await put(service, f"{customer_id}/", {"is_vip": False, "version": 2})
    assert not unmade.json()["updated_customer"]["customer_details"]["customer_profile"]["is_vip"]


async def test_a_vip_by_bookings_stays_one(service: RunningService) -> None:
    customer_id = await register(service)
    await pay(service, customer_id, 200_000)
    refused = await put(service, f"{customer_id}/", {"is_vip": False, "version": 1})
    assert (refused.status_code, refused.json()["error_code"]) == (409, "vip_by_bookings")


async def test_the_timeline_tells_everything_newest_first(service: RunningService, clock: MovableClock) -> None:
    clock.now = clock.now.replace(year=2020)
    customer_id = await register(service)
    clock.now = clock.now.replace(year=2021)
    await pay(service, customer_id, 12_345)
    clock.now = clock.now.replace(year=2030)
    await put(service, f"{customer_id}/notes/", {"notes": "Has a piano."})
    timeline = (await get(service, f"{customer_id}/")).json()["timeline"]
    assert timeline[0]["kind"] == "note"
    assert timeline[-1] == {**timeline[-1], "kind": "registered"}
    assert "Paid $123.45" in [entry["text"] for entry in timeline]


async def test_the_list_is_ordered_as_asked(service: RunningService, clock: MovableClock) -> None:
    ids = {}
    for name, cents in (("Ada", 300), ("Bob", 100), ("Cyd", 200)):
        ids[name] = await register(service, email=f"{name}@example.com", first_name=name, last_name="X")
        await pay(service, ids[name], cents)
        clock.now += timedelta(hours=1)
    orders = {"total_spent": "Bob Cyd Ada", "-name": "Cyd Bob Ada", "created_at": "Ada Bob Cyd"}
    for ordering, expected in orders.items():
        rows = (await get(service, ordering=ordering)).json()["results"]
        assert [row["first_name"] for row in rows] == expected.split(), ordering
    assert (await get(service, ordering="password_hash")).status_code == 400


async def test_the_list_is_downloaded_whole_and_no_cell_is_a_formula(
    service: RunningService, clock: MovableClock
) -> None:
    customer_id = await register(service, first_name="=HYPERLINK(1)")
    clock.now += timedelta(hours=1)
    await register(service, email="bob@example.com", first_name="Bob")
    await pay(service, customer_id, 12_345)
    answer = await get(service, format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["first_name"], row["total_spent_cents"], row["is_vip"]) for row in rows] == [
        ("Bob", "0", "false"),
        ("'=HYPERLINK(1)", "12345", "false"),
    ]
    assert (await get(service, caller=VIEWER, format="csv")).status_code == 403


async def test_what_staff_may_do_depends_on_their_permissions(service: RunningService) -> None:
    customer_id = await register(service)
    change, note = (f"{customer_id}/", {"version": 1}), (f"{customer_id}/notes/", {"notes": "x"})
    for caller, expected in ((VIEWER, (403, 403)), (OPERATOR, (403, 200)), (a_customer(), (403, 403))):
        found = [(await put(service, path, body, caller)).status_code for path, body in (change, note)]
        assert tuple(found) == expected
    for path in (f"{new_id()}/", f"{new_id()}/notes/"):
        body = {"notes": "x"} if path.endswith("notes/") else {"version": 1}
        assert (await put(service, path, body)).status_code == 404
