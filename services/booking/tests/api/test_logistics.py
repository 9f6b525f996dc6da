"""A day's work: who moves what with which van, and what the office sees of it."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from shared.contracts.booking import BookingAssigned
from shared.contracts.customers import AuditRecorded
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member

from ..factories import a_payment, an_order

SAM = a_staff_member("view_bookings", "manage_bookings")
PATH = "/api/staff/logistics"
DAY = "2026-11-30"
PELOTON = {
    "service_type": "specialty_item",
    "package_type": ...,
    "specialty_items": [{"item_type": "peloton", "quantity": 1}],
}


async def call(
    service: RunningService, method: str, path: str, body: Any = None, caller: Caller = SAM, **headers: str
) -> Any:
    async with service.as_caller(caller, **headers) as client:
        return await client.request(method, path, json=body)


async def booked(service: RunningService, **details: Any) -> dict[str, Any]:
    answer = await call(service, "POST", "/api/bookings/guest-booking/", an_order(details=details), Caller())
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def paid(service: RunningService, **details: Any) -> dict[str, Any]:
    booking = await booked(service, **details)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    return booking


async def crew(service: RunningService, name: str = "North") -> str:
    return str((await call(service, "POST", f"{PATH}/crews/", {"name": name})).json()["crew"]["id"])


async def van(service: RunningService, name: str = "Van 1") -> str:
    answer = await call(service, "POST", f"{PATH}/vans/", {"name": name, "plate": name})
    return str(answer.json()["van"]["id"])


async def assign(service: RunningService, booking: Any, caller: Caller = SAM, **body: Any) -> Any:
    return await call(service, "PUT", f"/api/staff/bookings/{booking['id']}/assignment/", body, caller)


async def test_a_booking_gets_a_crew_and_a_van_and_loses_them(service: RunningService) -> None:
    booking, north, one = await paid(service), await crew(service), await van(service)
    answer = await assign(service, booking, crew_id=north, van_id=one, sequence=2, version=2)
    assert answer.json() == {
        "booking_id": booking["id"], "booking_number": booking["booking_number"], "version": 3,
        "assignment": {"crew": {"id": north, "name": "North"}, "van": {"id": one, "name": "Van 1"}, "sequence": 2},
    }  # fmt: skip
    assert (await assign(service, booking, crew_id=north, van_id=one, sequence=2)).json()["version"] == 3
    nobody = await assign(service, booking, crew_id=None, van_id=None, sequence=0)
    assert nobody.json()["assignment"] == {"crew": None, "van": None, "sequence": 0}
    told = [event for event in await service.events(BookingAssigned) if isinstance(event, BookingAssigned)]
    assert [event.booking.assignment and event.booking.assignment.crew_name for event in told] == ["North", None]
    entries = [event.after for event in await service.events(AuditRecorded) if isinstance(event, AuditRecorded)]
    assert {"crew_id": north, "van_id": one, "sequence": 2, "version": 3} in entries


async def test_what_is_not_named_of_an_assignment_stays(service: RunningService) -> None:
    booking, north, one = await paid(service), await crew(service), await van(service)
    for changes in ({"crew_id": north}, {"van_id": one}, {"sequence": 3}):
        answer = await assign(service, booking, **changes)
    shown = {"crew": {"id": north, "name": "North"}, "van": {"id": one, "name": "Van 1"}, "sequence": 3}
    assert answer.json()["assignment"] == shown
    without_crew = await assign(service, booking, crew_id=None)
    assert without_crew.json()["assignment"] == {**shown, "crew": None}


async def test_a_van_is_in_one_place_at_a_time(service: RunningService) -> None:
    one = await van(service)
    morning, same, nine, another_day, any_time, other_time = [
        await paid(service, **details)
        for details in (
            {},
            {},
            {"pickup_time": "morning_specific", "specific_pickup_hour": 9},
            {"pickup_date": "2026-12-01"},
            {"pickup_time": "no_time_preference"},
            {"pickup_time": "no_time_preference"},
        )
    ]
    for booking in (morning, another_day, any_time):
        assert (await assign(service, booking, van_id=one)).status_code == 200
    for booking, other in ((same, morning), (nine, morning), (other_time, any_time)):
        answer = await assign(service, booking, van_id=one)
        assert (answer.status_code, answer.json()["error_code"]) == (409, "van_conflict")
        assert answer.json()["booking_number"] == other["booking_number"]
    afternoon = await paid(service, pickup_time="morning_specific", specific_pickup_hour=11)
    assert (await assign(service, afternoon, van_id=one)).status_code == 200


async def test_a_cancelled_booking_sets_its_van_free(service: RunningService) -> None:
    first, second, one = await paid(service), await paid(service), await van(service)
    await assign(service, first, van_id=one)
    change = {"version": 3, "status": "cancelled", "reason": "The building is closed."}
    assert (await call(service, "PUT", f"/api/staff/bookings/{first['id']}/", change)).status_code == 200
    assert (await assign(service, second, van_id=one)).status_code == 200
    assert (await assign(service, first, van_id=one)).json()["error_code"] == "invalid_transition"


async def test_a_crew_has_several_stops_in_one_window(service: RunningService) -> None:
    north = await crew(service)
    answers = [await assign(service, await paid(service), crew_id=north, sequence=number) for number in (1, 2)]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_fifty_who_want_one_van_at_once_get_it_once(service: RunningService) -> None:
    one, bookings = await van(service), [await paid(service) for _ in range(50)]
    answers = await asyncio.gather(*(assign(service, booking, van_id=one) for booking in bookings))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}
    assert len(await service.events(BookingAssigned)) == 1


async def test_what_needs_a_van_does_not_begin_without_one(service: RunningService) -> None:
    booking, one = await paid(service, **PELOTON), await van(service)
    path = f"/api/staff/bookings/{booking['id']}/"
    refused = await call(service, "PUT", path, {"version": 2, "status": "in_progress"})
    assert (refused.status_code, refused.json()["error_code"]) == (409, "van_required")
    assert refused.json()["item_types"] == ["peloton"]
    await assign(service, booking, van_id=one)
    assert (await call(service, "PUT", path, {"version": 3, "status": "in_progress"})).status_code == 200
    assert (await assign(service, booking, van_id=None)).json()["error_code"] == "van_required"


async def test_what_is_wrong_is_told(service: RunningService) -> None:
    booking, north = await paid(service), await crew(service)
    await call(service, "PUT", f"{PATH}/crews/{north}/", {"name": "North", "is_active": False})
    assert (await assign(service, booking, crew_id=north)).json()["field_errors"] == {
        "crew_id": ["This crew is not in service."]
    }
    assert list((await assign(service, booking, van_id=str(new_id()))).json()["field_errors"]) == ["van_id"]
    assert list((await assign(service, booking, sequence=1000)).json()["field_errors"]) == ["sequence"]
    stale = await assign(service, booking, version=1)
    assert (stale.status_code, stale.json()["error_code"], stale.json()["version"]) == (409, "stale_version", 2)
    assert (await assign(service, {"id": new_id()})).status_code == 404


async def test_the_schedule_is_ordered_by_window_and_sequence(service: RunningService) -> None:
    north = await crew(service)
    late, second, first = [
        await paid(service, **details)
        for details in ({"pickup_time": "morning_specific", "specific_pickup_hour": 10}, {}, {})
    ]
    await paid(service, pickup_date="2026-12-01")
    await assign(service, first, crew_id=north, sequence=1)
    await assign(service, second, crew_id=north, sequence=2)
    schedule = (await call(service, "GET", f"{PATH}/schedule/?date={DAY}")).json()
    [morning, ten] = schedule["windows"]
    shown = [(stop["booking_number"], stop["type"]) for stop in morning["stops"]]
    assert shown == [(one["booking_number"], end) for one in (first, second) for end in ("pickup", "delivery")]
    assert morning["stops"][0]["crew"] == {"id": north, "name": "North"}
    assert [stop["address"]["city"] for stop in ten["stops"]] == ["New York", "Montauk"]
    assert (ten["stops"][0]["booking_id"], ten["stops"][0]["crew"]) == (late["id"], None)
    await assign(service, first, crew_id=north, sequence=3)
    again = (await call(service, "GET", f"{PATH}/schedule/?date={DAY}")).json()
    assert again["windows"][0]["stops"][0]["booking_number"] == second["booking_number"]


async def test_the_summary_counts_what_is_left_to_decide(service: RunningService) -> None:
    north, one = await crew(service), await van(service)
    await assign(service, await paid(service), crew_id=north, van_id=one)
    await paid(service, **PELOTON)
    await booked(service)
    summary = (await call(service, "GET", f"{PATH}/summary/?date={DAY}")).json()
    assert summary == {
        "date": DAY, "bookings": 3, "by_status": {"paid": 2, "pending": 1}, "unassigned": 2, "without_van": 2,
        "needing_van": 1, "crews": [{"id": north, "name": "North", "bookings": 1, "completed": 0}],
        "vans": [{"id": one, "name": "Van 1", "bookings": 1, "completed": 0}],
    }  # fmt: skip


async def test_the_run_sheet_is_by_crew_and_to_be_printed(service: RunningService) -> None:
    north, south = await crew(service), await crew(service, "South")
    for name in (south, north, None):
        await assign(service, await paid(service), crew_id=name)
    sheet = (await call(service, "GET", f"{PATH}/run-sheet/?date={DAY}")).json()
    assert [one["crew"] and one["crew"]["name"] for one in sheet["sheets"]] == ["North", "South", None]
    ours = (await call(service, "GET", f"{PATH}/run-sheet/?date={DAY}&crew_id={south}")).json()
    assert (ours["bookings"], ours["sheets"][0]["crew"]["name"]) == (1, "South")
    page = await call(service, "GET", f"{PATH}/run-sheet/?date={DAY}", Accept="text/html,*/*;q=0.8")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Monday, November 30, 2026" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await call(service, "GET", f"{PATH}/run-sheet/?date={DAY}&crew_id={new_id()}")).status_code == 404


async def test_what_customers_write_stays_text_on_paper(service: RunningService) -> None:
    order = an_order(special_instructions="<script>alert(1)</script>")
    await call(service, "POST", "/api/bookings/guest-booking/", order, Caller())
    page = await call(service, "GET", f"{PATH}/run-sheet/?date={DAY}&format=html")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_taking_a_run_sheet_is_recorded(service: RunningService) -> None:
    await call(service, "GET", f"{PATH}/run-sheet/?date={DAY}")
    [entry] = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.action_type, entry.after) == ("report_generated", {"date": DAY, "crew_id": None})


@pytest.mark.parametrize("page", ["schedule", "summary", "run-sheet"])
async def test_a_day_is_today_unless_it_is_named_and_permission_is_needed(service: RunningService, page: str) -> None:
    path = f"{PATH}/{page}/"
    assert (await call(service, "GET", path)).json()["date"] == "2026-11-23"
    assert (await call(service, "GET", f"{path}?date=tomorrow")).status_code == 400
    assert (await call(service, "GET", f"{path}?date={DAY}", caller=a_staff_member())).status_code == 403
    assert (await call(service, "GET", f"{path}?date={DAY}", caller=a_customer())).status_code == 403
    assert (await call(service, "GET", f"{path}?date={DAY}", caller=Caller())).status_code == 401


async def test_only_managers_of_bookings_assign(service: RunningService) -> None:
    booking = await paid(service)
    assert (await assign(service, booking, a_staff_member("view_bookings"))).status_code == 403
    assert (await assign(service, booking, a_customer())).status_code == 403
