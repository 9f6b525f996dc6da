"""Files of bookings: added and removed by staff, seen by those whom they concern."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from booking.adapters.logistics_tables import documents, file_removals, ratings
from booking.commands import keep_documents
from booking.commands.erase_documents import erase_documents
from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import select

from ..factories import a_customers_order, an_order
from ..pictures import PDF, PLACE, a_picture

SAM = a_staff_member("view_bookings", "manage_bookings")


async def booked(service: RunningService, caller: Caller = Caller()) -> dict[str, Any]:
    path, order = "/api/bookings/guest-booking/", an_order()
    if caller.kind == "customer":
        path, order = "/api/customers/bookings/create/", a_customers_order()
    async with service.as_caller(caller) as client:
        answer = (await client.post(path, json=order)).json()
    return {**answer["booking"], "token": answer["manage_token"]}


async def upload(
    service: RunningService, booking: Any, content: bytes = PDF, name: str = "a.pdf", caller: Caller = SAM,
    key: str = "", **fields: Any
) -> httpx.Response:  # fmt: skip
    headers = {"Idempotency-Key": key} if key else {}
    async with service.as_caller(caller) as client:
        return await client.post(
            f"/api/staff/bookings/{booking['id']}/documents/",
            data={"kind": "coi", **fields},
            files={"file": (name, content, "text/html")},
            headers=headers,
        )


async def test_looking_at_the_documents_of_a_booking_is_recorded(service: RunningService) -> None:
    booking = await booked(service)
    async with service.as_caller(SAM) as client:
        assert (await client.get(f"/api/staff/bookings/{booking['id']}/documents/")).status_code == 200
        assert (await client.get(f"/api/staff/bookings/{new_id()}/documents/")).status_code == 404
    [entry] = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.action_type, str(entry.booking_id), entry.staff_id) == ("booking_viewed", booking["id"], SAM.id)


async def fetch(service: RunningService, url: str, caller: Caller = Caller()) -> httpx.Response:
    parts = urlsplit(url)
    async with service.as_caller(caller) as client:
        return await client.get(f"{parts.path}?{parts.query}")


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]


async def removals(service: RunningService) -> int:
    return len(await service.database.fetch_all(select(file_removals)))


async def test_a_certificate_reaches_the_customer(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    added = (await upload(service, booking, name="../cert.html")).json()["document"]
    assert (added["filename"], added["content_type"], added["size_bytes"]) == ("cert.pdf", "application/pdf", len(PDF))
    assert (added["sha256"], added["uploaded_by_id"]) == (hashlib.sha256(PDF).hexdigest(), str(SAM.id))
    mine = await fetch(service, f"/api/customers/bookings/{booking['id']}/", ada)
    [shown] = mine.json()["documents"]
    status = f"/api/bookings/booking-status/{booking['booking_number']}/"
    [by_token] = (await fetch(service, f"{status}?token={booking['token']}")).json()["documents"]
    assert shown["id"] == by_token["id"] == added["id"]
    assert "sha256" not in shown
    file = await fetch(service, shown["download_url"])
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert file.headers["content-disposition"].startswith('attachment; filename="cert.pdf"')
    assert (file.headers["x-content-type-options"], file.headers["cache-control"]) == ("nosniff", "private, no-store")
    assert "documents" not in (await fetch(service, status)).json()


async def test_what_is_internal_stays_with_staff(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    await upload(service, booking, kind="invoice")
    await upload(service, booking, kind="other", visible_to_customer="true")
    await upload(service, booking, kind="coi", visible_to_customer="false")
    theirs = (await fetch(service, f"/api/customers/bookings/{booking['id']}/", ada)).json()["documents"]
    listed = await fetch(service, f"/api/staff/bookings/{booking['id']}/documents/", SAM)
    file = await fetch(service, f"/api/staff/bookings/{booking['id']}/", SAM)
    assert [one["kind"] for one in theirs] == ["other"]
    assert [one["kind"] for one in listed.json()["documents"]] == ["invoice", "other", "coi"]
    assert len(file.json()["documents"]) == 3


async def test_a_photo_loses_its_place(service: RunningService, tmp_path: Path) -> None:
    booking = await booked(service)
    answer = await upload(service, booking, a_picture(), "IMG_1.jpeg", kind="photo")
    assert answer.json()["document"]["filename"] == "IMG_1.jpg"
    [kept] = files(tmp_path)
    assert PLACE.encode() not in kept.read_bytes()


@pytest.mark.parametrize(
    ("content", "fields", "field"),
    [
        (b"<html>", {}, "file"),
        (PDF, {"kind": "photo"}, "file"),
        (b"", {}, "file"),
        (PDF, {"kind": "recipe"}, "kind"),
        (PDF, {"visible_to_customer": "perhaps"}, "visible_to_customer"),
        (PDF, {"colour": "red"}, "colour"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    service: RunningService, tmp_path: Path, content: bytes, fields: Any, field: str
) -> None:
    answer = await upload(service, await booked(service), content, **fields)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=x", b"no parts", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--", 400),
        ("multipart/form-data; boundary=x", b"", 400),
    ],
)
async def test_a_body_that_is_no_form_is_refused(
    service: RunningService, content_type: str, body: bytes, status: int
) -> None:
    booking = await booked(service)
    async with service.as_caller(SAM, **{"Content-Type": content_type}) as client:
        answer = await client.post(f"/api/staff/bookings/{booking['id']}/documents/", content=body)
    assert answer.status_code == status


async def test_too_much_is_refused_before_all_of_it_came(service: RunningService, tmp_path: Path) -> None:
    booking, sent = await booked(service), []

    async def endless() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        while len(sent) < 400:
            sent.append(1)
            yield b"%PDF-" + b"x" * 100_000

    async with service.as_caller(SAM, **{"Content-Type": "multipart/form-data; boundary=x"}) as client:
        answer = await client.post(f"/api/staff/bookings/{booking['id']}/documents/", content=endless())
    assert (answer.status_code, answer.json()["error_code"]) == (413, "body_too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert files(tmp_path) == []


async def test_a_file_of_more_than_fifteen_megabytes_is_refused(service: RunningService) -> None:
    answer = await upload(service, await booked(service), b"%PDF-" + b"x" * 15_000_000 + b"%%EOF")
    assert answer.status_code == 413


async def test_a_key_adds_one_document(service: RunningService, tmp_path: Path) -> None:
    booking, key = await booked(service), "k" * 20
    first, again = [await upload(service, booking, key=key) for _ in range(2)]
    other = await upload(service, booking, key=key, kind="other")
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json()["document"]["id"] == again.json()["document"]["id"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert len(await service.database.fetch_all(select(documents))) == 1


async def test_the_same_file_is_kept_once_whoever_hurries(
    service: RunningService, tmp_path: Path, clock: MovableClock
) -> None:
    booking = await booked(service)
    answers = await asyncio.gather(*(upload(service, booking) for _ in range(6)))
    assert len({answer.json()["document"]["id"] for answer in answers}) == 1
    assert (await removals(service), len(files(tmp_path))) == (5, 6)
    assert await service.run_job("remove-files") == 0
    clock.now = clock.now.replace(hour=clock.now.hour + 2)
    assert await service.run_job("remove-files") == 5
    assert (await removals(service), len(files(tmp_path))) == (0, 1)


async def test_a_removed_document_is_gone_with_its_file(service: RunningService, tmp_path: Path) -> None:
    booking = await booked(service)
    added = (await upload(service, booking)).json()["document"]
    path = f"/api/staff/bookings/{booking['id']}/documents/{added['id']}/"
    async with service.as_caller(SAM) as client:
        assert [(await client.delete(path)).status_code for _ in range(2)] == [200, 404]
    assert await service.run_job("remove-files") == 1
    assert files(tmp_path) == []
    assert (await fetch(service, added["download_url"])).status_code == 404
    entries = [event for event in await service.events(AuditRecorded) if isinstance(event, AuditRecorded)]
    assert [(entry.after, entry.before) for entry in entries] == [
        ({"document_added": added["id"]}, None),
        (None, {"document_removed": added["id"]}),
    ]


async def test_permissions_are_checked_before_the_body(service: RunningService) -> None:
    booking = await booked(service)
    assert (await upload(service, booking, caller=a_staff_member("view_bookings"))).status_code == 403
    assert (await upload(service, booking, b"", caller=a_customer())).status_code == 403
    assert (await upload(service, booking, caller=Caller())).status_code == 401
    assert (await upload(service, {"id": new_id()})).status_code == 404
    path = f"/api/staff/bookings/{booking['id']}/documents/"
    assert (await fetch(service, path, a_staff_member())).status_code == 403
    assert (await fetch(service, f"/api/staff/bookings/{new_id()}/documents/", SAM)).status_code == 404


async def test_a_link_is_worth_nothing_changed_or_late(service: RunningService) -> None:
    booking = await booked(service)
    url = (await upload(service, booking)).json()["document"]["download_url"]
    assert (await fetch(service, url)).status_code == 200
    for change in (
        ("expires=", "expires=1"),
        ("key=documents", "key=..%2F..%2Fdocuments"),
        ("signature=", "signature=0"),
    ):
        assert (await fetch(service, url.replace(*change))).status_code == 404
    assert (await fetch(service, url.partition("?")[0])).status_code == 400


async def test_while_files_can_not_be_stored_nothing_else_suffers(service: RunningService, tmp_path: Path) -> None:
    booking = await booked(service)
    (tmp_path / "documents").write_text("a folder that is not there")
    answer = await upload(service, booking)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "storage_unavailable")
    assert (await fetch(service, f"/api/staff/bookings/{booking['id']}/", SAM)).json()["documents"] == []


async def test_a_booking_has_room_for_so_many_files(
    service: RunningService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_documents, "MOST_DOCUMENTS", 1)
    booking = await booked(service)
    answers = [await upload(service, booking, kind=kind) for kind in ("coi", "coi", "other")]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[2].json()["error_code"] == "too_many_documents"


async def test_erasing_a_person_takes_the_files_along(service: RunningService, tmp_path: Path) -> None:
    ours, others = await booked(service), await booked(service)
    await upload(service, ours)
    await upload(service, others)
    rating = {"rating": 5, "text": "Ada was here", "rated_by": "guest", "created_at": service.platform.clock()}
    await service.put(ratings, booking_id=ours["id"], **rating)
    for expected in (2, 0):
        async with service.database.transaction() as connection:
            uow = UnitOfWork(connection, service.platform.clock())
            assert await erase_documents(uow, [ours["id"]]) == expected
    await service.run_job("remove-files")
    assert len(files(tmp_path)) == 1
    [rated] = await service.database.fetch_all(select(ratings))
    assert (rated.rating, rated.text) == (5, "")
