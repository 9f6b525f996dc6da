"""Crews on the road: their link, their stops, what they tell."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from booking.adapters.logistics_tables import documents, stop_reports
from shared.contracts.booking import BookingCompleted, BookingEvent, BookingOnTheWay, BookingStarted
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import select

from ..factories import a_payment, an_order
from ..pictures import PDF, PLACE, a_picture

SAM = a_staff_member("view_bookings", "manage_bookings")
LOGISTICS = "/api/staff/logistics"
DAY = "2026-11-30"
THE_DAY = datetime(2026, 11, 30, 13, 0, tzinfo=UTC)
"""Eight in the morning in New York, on the day that the crew works."""

PELOTON = {
    "service_type": "specialty_item",
    "package_type": ...,
    "specialty_items": [{"item_type": "peloton", "quantity": 1}],
}
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9"}


async def call(service: RunningService, method: str, path: str, caller: Caller = Caller(), **options: Any) -> Any:
    async with service.as_caller(caller, **options.pop("headers", {})) as client:
        return await client.request(method, path, **options)


async def crew(service: RunningService, name: str = "North") -> str:
    answer = await call(service, "POST", f"{LOGISTICS}/crews/", SAM, json={"name": name, "members": ["Bo"]})
    return str(answer.json()["crew"]["id"])


async def link(service: RunningService, crew_id: str, day: str = DAY) -> str:
    answer = await call(service, "POST", f"{LOGISTICS}/crew-links/", SAM, json={"crew_id": crew_id, "date": day})
    return str(answer.json()["token"])


async def paid(service: RunningService, crew_id: str | None = None, **details: Any) -> dict[str, Any]:
    order = an_order(details=details)
    booking = (await call(service, "POST", "/api/bookings/guest-booking/", json=order)).json()["booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    path = f"/api/staff/bookings/{booking['id']}/assignment/"
    await call(service, "PUT", path, SAM, json={"crew_id": crew_id})
    assert isinstance(booking, dict)
    return booking


async def tell(service: RunningService, token: str, booking: Any, step: str, **options: Any) -> Any:
    return await call(service, "POST", f"/api/crew/{token}/stops/{booking['id']}/{step}/", **options)


async def told(service: RunningService) -> list[type[BookingEvent]]:
    kinds = (BookingOnTheWay, BookingStarted, BookingCompleted)
    return [type(event) for event in await service.events() if isinstance(event, kinds)]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(THE_DAY)


@pytest.fixture
async def north(service: RunningService) -> str:
    return await crew(service)


@pytest.fixture
async def token(service: RunningService, north: str) -> str:
    return await link(service, north)


async def test_a_crew_sees_its_own_stops_in_their_order(service: RunningService, north: str, token: str) -> None:
    mine = await paid(service, north, pickup_time="no_time_preference")
    await paid(service, await crew(service, "South"))
    await paid(service, north, pickup_date="2026-12-01")
    shown = (await call(service, "GET", f"/api/crew/{token}/")).json()
    assert (shown["crew"], shown["date"]) == ({"name": "North", "members": ["Bo"]}, DAY)
    [stop] = shown["stops"]
    assert (stop["booking_number"], stop["customer_phone"]) == (mine["booking_number"], "+12125550123")
    assert "total_price_cents" not in str(shown)


async def test_a_move_goes_its_way(service: RunningService, north: str, token: str) -> None:
    booking = await paid(service, north)
    answers = [await tell(service, token, booking, step) for step in ("on-the-way", "picked-up", "delivered")]
    assert [answer.json()["status"] for answer in answers] == ["paid", "in_progress", "completed"]
    assert await told(service) == [BookingOnTheWay, BookingStarted, BookingCompleted]
    file = await call(service, "GET", f"/api/staff/bookings/{booking['id']}/", SAM)
    history = [(step["to_status"], step["changed_by"], step["changed_by_id"]) for step in file.json()["status_history"]]
    assert history[2:] == [("in_progress", "crew", north), ("completed", "crew", north)]
    [stop] = (await call(service, "GET", f"/api/crew/{token}/")).json()["stops"]
    assert all(stop[f"{step}_at"] for step in ("on_the_way", "picked_up", "delivered"))


async def test_the_office_reads_what_a_crew_noted(service: RunningService, north: str, token: str) -> None:
    booking = await paid(service, north)
    await tell(service, token, booking, "picked-up", json={"note": "The lamp was broken before"})
    file = (await call(service, "GET", f"/api/staff/bookings/{booking['id']}/", SAM)).json()
    [report] = file["crew_reports"]
    assert (report["step"], report["crew_name"]) == ("picked_up", "North")
    assert report["note"] == "The lamp was broken before"
    told = {one["description"] for one in file["activity"]}
    assert told > {"North has picked up: The lamp was broken before.", "Begun by the crew."}


async def test_telling_twice_does_no_harm(service: RunningService, north: str, token: str) -> None:
    booking = await paid(service, north)
    for step in ("on-the-way", "picked-up", "delivered"):
        answers = await asyncio.gather(*(tell(service, token, booking, step) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
    assert await told(service) == [BookingOnTheWay, BookingStarted, BookingCompleted]


async def test_a_delivery_that_is_told_first_was_picked_up(service: RunningService, north: str, token: str) -> None:
    booking = await paid(service, north)
    answers = [await tell(service, token, booking, step) for step in ("delivered", "picked-up", "on-the-way")]
    assert [answer.json()["status"] for answer in answers] == ["completed"] * 3
    assert await told(service) == [BookingStarted, BookingCompleted]
    assert len(await service.database.fetch_all(select(stop_reports))) == 3


async def test_all_at_once_is_as_good_as_one_after_another(service: RunningService, north: str, token: str) -> None:
    bookings = [await paid(service, north) for _ in range(5)]
    steps = ("delivered", "picked-up", "on-the-way") * 2
    answers = await asyncio.gather(*(tell(service, token, one, step) for one in bookings for step in steps))
    assert {answer.status_code for answer in answers} == {200}
    events = await told(service)
    assert (events.count(BookingStarted), events.count(BookingCompleted)) == (5, 5)


async def test_a_photo_and_a_signature_come_along(
    service: RunningService, north: str, token: str, tmp_path: Path
) -> None:
    booking = await paid(service, north)
    sent = {"photo": ("door.jpg", a_picture(), "image/jpeg"), "signature": ("s.png", a_picture("PNG"), "image/png")}
    for _ in range(2):
        answer = await tell(service, token, booking, "delivered", files=sent, data={"note": "Left with the porter."})
        assert answer.status_code == 200
    kept = await service.database.fetch_all(select(documents).order_by(documents.c.kind))
    assert [(row.kind, row.uploaded_by, str(row.uploaded_by_id)) for row in kept] == [
        ("photo", "crew", north),
        ("signature", "crew", north),
    ]
    assert not any(PLACE.encode() in path.read_bytes() for path in (tmp_path / "documents").rglob("*.*"))
    [report] = await service.database.fetch_all(select(stop_reports))
    assert report.note == "Left with the porter."


@pytest.mark.parametrize(
    ("options", "status", "field"),
    [
        ({"files": {"photo": ("a.jpg", PDF, "image/jpeg")}}, 400, "photo"),
        ({"files": {"signature": ("a.png", b"", "image/png")}}, 400, "signature"),
        ({"files": {"film": ("a.png", a_picture("PNG"), "image/png")}}, 400, "film"),
        ({"json": {"note": "x" * 1001}}, 400, "note"),
        ({"json": {"speed": 3}}, 400, "speed"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "body"),
        ({"content": b"note=x", "headers": {"Content-Type": "text/plain"}}, 415, None),
    ],
)
async def test_what_is_wrong_with_a_report_is_told_and_nothing_happens(
    service: RunningService, north: str, token: str, options: Any, status: int, field: str | None
) -> None:
    booking = await paid(service, north)
    answer = await tell(service, token, booking, "picked-up", **options)
    assert answer.status_code == status
    assert field is None or field in answer.json()["field_errors"]
    assert await told(service) == []
    assert (await tell(service, token, booking, "picked-up", json={"note": "fine"})).status_code == 200


async def test_a_crew_moves_nothing_but_its_own(service: RunningService, north: str, token: str) -> None:
    south = await crew(service, "South")
    others = [await paid(service, south), await paid(service), await paid(service, north, pickup_date="2026-12-01")]
    for booking in (*others, {"id": new_id()}):
        assert (await tell(service, token, booking, "picked-up")).status_code == 404
    mine = await paid(service, north)
    path = f"/api/staff/bookings/{mine['id']}/assignment/"
    await call(service, "PUT", path, SAM, json={"crew_id": south})
    assert (await tell(service, token, mine, "picked-up")).status_code == 404
    assert await told(service) == []


async def test_what_is_not_paid_or_has_no_van_stays(service: RunningService, north: str, token: str) -> None:
    heavy = await paid(service, north, **PELOTON)
    answer = await tell(service, token, heavy, "delivered")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "van_required")
    unpaid = (await call(service, "POST", "/api/bookings/guest-booking/", json=an_order())).json()["booking"]
    await call(service, "PUT", f"/api/staff/bookings/{unpaid['id']}/assignment/", SAM, json={"crew_id": north})
    answer = await tell(service, token, unpaid, "picked-up")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "invalid_transition")
    assert await service.database.fetch_all(select(stop_reports)) == []


@pytest.mark.parametrize("step", ["on-the-way", "picked-up", "delivered"])
async def test_nothing_is_told_before_the_day(
    service: RunningService, north: str, token: str, clock: MovableClock, step: str
) -> None:
    booking = await paid(service, north)
    clock.now = THE_DAY.replace(hour=4, minute=59)
    page = await call(service, "GET", f"/api/crew/{token}/", headers=BROWSER)
    assert (page.status_code, booking["booking_number"] in page.text) == (200, True)
    assert ("Come back on this day" in page.text, "<button" in page.text) == (True, False)
    assert (await call(service, "GET", f"/api/crew/{token}/")).json()["is_today"] is False
    answer = await tell(service, token, booking, step)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "day_ahead")
    assert await told(service) == []
    clock.now += timedelta(minutes=1)
    assert (await call(service, "GET", f"/api/crew/{token}/")).json()["is_today"] is True
    assert (await tell(service, token, booking, step)).status_code == 200


async def test_the_crew_of_the_new_day_tells_anew(
    service: RunningService, north: str, token: str, clock: MovableClock
) -> None:
    booking = await paid(service, north)
    await tell(service, token, booking, "on-the-way")
    path = f"/api/staff/bookings/{booking['id']}"
    await call(service, "PUT", f"{path}/assignment/", SAM, json={"crew_id": None})
    slot = {"pickup_date": "2026-12-01", "pickup_time": "morning", "waive_fee": True, "reason": "Snow."}
    assert (await call(service, "POST", f"{path}/reschedule/", SAM, json=slot)).status_code == 200
    await call(service, "PUT", f"{path}/assignment/", SAM, json={"crew_id": north})
    clock.now += timedelta(days=1)
    tomorrows = await link(service, north, "2026-12-01")
    assert (await tell(service, tomorrows, booking, "on-the-way")).status_code == 200
    assert await told(service) == [BookingOnTheWay, BookingOnTheWay]


async def test_a_link_ends_with_its_day(service: RunningService, token: str, clock: MovableClock) -> None:
    path = f"/api/crew/{token}/"
    clock.now = clock.now.replace(day=1, month=12, hour=4, minute=59)
    assert (await call(service, "GET", path)).status_code == 200
    clock.now += timedelta(minutes=1)
    assert (await call(service, "GET", path)).status_code == 404
    assert "Ask the office" in (await call(service, "GET", path, headers=BROWSER)).text


@pytest.mark.parametrize("position", [0, 10, 20, 24, 30, 47])
async def test_a_forged_link_opens_nothing(service: RunningService, token: str, position: int) -> None:
    other = "A" if token[position] != "A" else "B"
    forged = token[:position] + other + token[position + 1 :]
    assert (await call(service, "GET", f"/api/crew/{forged}/")).status_code == 404


@pytest.mark.parametrize("token", ["x", "-", "A" * 48, "%C3%A4", "A" * 60])
async def test_what_is_no_link_opens_nothing(service: RunningService, token: str) -> None:
    assert (await call(service, "GET", f"/api/crew/{token}/")).status_code == 404
    assert (await tell(service, token, {"id": new_id()}, "delivered")).status_code == 404


async def test_a_crew_that_is_no_more_has_no_link(service: RunningService, north: str, token: str) -> None:
    booking = await paid(service, north)
    await call(service, "PUT", f"{LOGISTICS}/crews/{north}/", SAM, json={"name": "North", "is_active": False})
    assert (await call(service, "GET", f"/api/crew/{token}/")).status_code == 404
    assert (await tell(service, token, booking, "picked-up")).status_code == 404
    answer = await call(service, "POST", f"{LOGISTICS}/crew-links/", SAM, json={"crew_id": north, "date": DAY})
    assert answer.status_code == 404


async def test_links_are_made_by_staff_for_days_to_come(service: RunningService, north: str) -> None:
    body = {"crew_id": north, "date": DAY}
    answer = await call(service, "POST", f"{LOGISTICS}/crew-links/", SAM, json=body)
    assert answer.status_code == 201
    assert answer.json()["url"].endswith(f"/api/crew/{answer.json()['token']}/")
    assert answer.json()["expires_at"] == "2026-12-01T00:00:00-05:00"
    past = await call(service, "POST", f"{LOGISTICS}/crew-links/", SAM, json={**body, "date": "2026-11-22"})
    assert past.status_code == 404
    for caller, status in ((a_staff_member("view_bookings"), 403), (a_customer(), 403), (Caller(), 401)):
        assert (await call(service, "POST", f"{LOGISTICS}/crew-links/", caller, json=body)).status_code == status


async def test_a_phone_offers_no_step_that_the_office_has_to_clear_first(
    service: RunningService, north: str, token: str
) -> None:
    unpaid = (await call(service, "POST", "/api/bookings/guest-booking/", json=an_order())).json()["booking"]
    path = f"/api/staff/bookings/{unpaid['id']}/"
    await call(service, "PUT", path, SAM, json={"version": 1, "status": "confirmed"})
    await call(service, "PUT", f"{path}assignment/", SAM, json={"crew_id": north})
    await paid(service, north, **PELOTON)
    page = (await call(service, "GET", f"/api/crew/{token}/", headers=BROWSER)).text
    assert page.count("/on-the-way/") == 2
    assert "/picked-up/" not in page
    assert "/delivered/" not in page
    assert "Not paid yet: call the office" in page
    assert "Needs a van before it can begin" in page
    answer = await tell(service, token, unpaid, "picked-up", headers=BROWSER)
    assert (answer.status_code, "This booking is not paid yet. Please call the office." in answer.text) == (409, True)


async def test_a_phone_shows_a_page_and_comes_back_to_it(service: RunningService, north: str, token: str) -> None:
    order = {"special_instructions": "<img src=x onerror=alert(1)>"}
    booking = (await call(service, "POST", "/api/bookings/guest-booking/", json=an_order(**order))).json()["booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    await call(service, "PUT", f"/api/staff/bookings/{booking['id']}/assignment/", SAM, json={"crew_id": north})
    page = await call(service, "GET", f"/api/crew/{token}/", headers=BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;img src=x" in page.text
    assert "<img" not in page.text
    empty = {"photo": ("", b""), "signature": ("", b"")}
    answer = await tell(service, token, booking, "picked-up", files=empty, data={"note": ""}, headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/api/crew/{token}/#{booking['booking_number']}"
    wrong = await tell(service, token, booking, "delivered", files={"photo": ("a.jpg", b"x")}, headers=BROWSER)
    assert (wrong.status_code, "Must be a picture" in wrong.text) == (400, True)
