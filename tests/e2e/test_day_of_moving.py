"""The day of a move: the office puts a crew on it, the crew moves it with its phone, the customer rates it."""

import io
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from PIL import Image

from .browser import Booked, Browser, a_move, in_days
from .world import World

PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
LATER = 230


def a_photo() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((1200, 900), 80).save(target, "JPEG", quality=95)
    return target.getvalue()


async def paid(world: World, browser: Browser, days: int = LATER) -> Booked:
    booked = await browser.book(a_move(pickup_date=in_days(days), pickup_time="no_time_preference"))
    await browser.pay(booked.intent)
    await world.until_status(booked, "paid")
    return booked


async def a_crew(staff: Browser, booked: Booked, days: int = LATER) -> dict[str, Any]:
    crew = (await staff.post("/api/staff/logistics/crews/", {"name": f"Crew {uuid4().hex[:8]}"})).json()["crew"]
    number = uuid4().hex[:8]
    van = (await staff.post("/api/staff/logistics/vans/", {"name": number, "plate": number})).json()["van"]
    assignment = {"crew_id": crew["id"], "van_id": van["id"], "sequence": 1}
    headers = {"X-CSRFToken": staff.csrf_token}
    answer = await staff.http.put(f"/api/staff/bookings/{booked.id}/assignment/", json=assignment, headers=headers)
    assert answer.status_code == 200, answer.text
    link = {"crew_id": crew["id"], "date": in_days(days)}
    return dict((await staff.post("/api/staff/logistics/crew-links/", link)).json())


THE_DAY_COMES = """
WITH before AS (SELECT id, pickup_date, service_type FROM bookings WHERE id = %(booking)s AND holds_place),
moved AS (UPDATE bookings SET pickup_date = %(today)s FROM before WHERE bookings.id = before.id),
freed AS (UPDATE capacity_days SET used = used - 1 FROM before
          WHERE day = before.pickup_date AND capacity_days.service_type = before.service_type)
INSERT INTO capacity_days AS taken (day, service_type, used) SELECT %(today)s, service_type, 1 FROM before
ON CONFLICT (day, service_type) DO UPDATE SET used = taken.used + 1 RETURNING used
"""
"""Clocks can't be moved here, and a move of today can only be booked before its window ends."""


async def on_its_day(world: World, staff: Browser, booked: Booked, link: dict[str, Any]) -> str:
    """The path below which the crew tells of a booking, whose day is today from now on."""
    url, today = world.stack["databases"]["booking"], in_days(0)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(THE_DAY_COMES, {"booking": booked.id, "today": today})
    wanted = {"crew_id": link["crew"]["id"], "date": today}
    todays = (await staff.post("/api/staff/logistics/crew-links/", wanted)).json()
    return f"/api/crew/{todays['token']}/stops/{booked.id}"


@pytest.fixture
async def staff(world: World) -> Any:
    async with Browser(world.stack) as found:
        await found.log_in_as_admin(world.stack)
        yield found


async def test_a_move_from_the_office_to_the_rating(world: World, browser: Browser, staff: Browser) -> None:
    booked = await paid(world, browser)
    link = await a_crew(staff, booked)
    sheet = await staff.http.get(
        "/api/staff/logistics/run-sheet/", params={"date": in_days(LATER)}, headers={"Accept": "text/html"}
    )
    assert booked.number in sheet.text
    assert "default-src 'none'" in sheet.headers["content-security-policy"]
    async with Browser(world.stack) as phone:
        page = await phone.http.get(link["url"], headers={"Accept": "text/html"})
        assert (page.status_code, booked.number in page.text) == (200, True)
        early = await phone.http.post(f"/api/crew/{link['token']}/stops/{booked.id}/delivered/")
        assert (early.status_code, early.json()["error_code"]) == (409, "day_ahead")
        below = await on_its_day(world, staff, booked, link)
        assert (await phone.http.post(f"{below}/on-the-way/")).status_code == 200
        files = {"photo": ("door.jpg", a_photo(), "image/jpeg")}
        told = await phone.http.post(f"{below}/delivered/", files=files, data={"note": "With the porter."})
        assert (told.status_code, told.json()["status"]) == (200, "completed")
    rating = {"rating": 5, "text": "Careful.", "manage_token": booked.manage_token}
    answers = [await browser.post(f"/api/bookings/booking-status/{booked.number}/rating/", rating) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    [photo] = (await browser.status(booked))["documents"]
    picture = await browser.http.get(photo["download_url"])
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert picture.headers["content-disposition"].startswith("attachment")


async def test_staff_upload_files_through_the_gateway(world: World, browser: Browser, staff: Browser) -> None:
    booked = await browser.book()
    path = f"/api/staff/bookings/{booked.id}/documents/"
    sent: Any = {"files": {"file": ("coi.pdf", PDF[:9] + b"x" * 9_000_000 + PDF[9:])}, "data": {"kind": "coi"}}
    assert (await staff.http.post(path, **sent)).status_code == 403
    csrf = {"X-CSRFToken": staff.csrf_token}
    added = await staff.http.post(path, **sent, headers=csrf)
    assert (added.status_code, added.json()["document"]["size_bytes"]) == (201, len(PDF) + 9_000_000)
    assert (await browser.http.post(path, **sent)).status_code == 401
    [shown] = (await browser.status(booked))["documents"]
    file = await browser.http.get(shown["download_url"])
    assert (len(file.content), file.headers["x-content-type-options"]) == (len(PDF) + 9_000_000, "nosniff")
    removed = await staff.http.delete(f"{path}{shown['id']}/", headers=csrf)
    assert removed.status_code == 200
    assert (await browser.status(booked))["documents"] == []


async def test_another_site_can_not_send_a_crew_s_report(world: World, browser: Browser, staff: Browser) -> None:
    booked = await paid(world, browser)
    link = await a_crew(staff, booked)
    path = f"/api/crew/{link['token']}/stops/{booked.id}/picked-up/"
    assert (await browser.http.post(path, headers={"Origin": "https://evil.test"})).status_code == 403
    assert await world.booking_status(booked) == "paid"
