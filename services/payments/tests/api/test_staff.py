"""What staff see and do, each with the permission it takes."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from shared.contracts.customers import AuditRecorded
from shared.ids import new_id
from shared.testing.service import a_customer, a_staff_member

from ..factories import TOTAL_CENTS, Shop, a_booking

NEW_YORK = ZoneInfo("America/New_York")
VIEWER = a_staff_member("view_bookings")
KEY = {"Idempotency-Key": "a-key-of-enough-characters"}


async def get(shop: Shop, path: str, **query: Any) -> Any:
    async with shop.service.as_caller(VIEWER) as client:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_payments_are_listed_newest_first_in_pages(shop: Shop) -> None:
    bookings = [a_booking() for _ in range(3)]
    for booking in bookings:
        shop.later(seconds=1)
        await shop.intent(booking)
    page = await get(shop, "/api/staff/payments/", page_size=2)
    assert (page["count"], page["previous"]) == (3, None)
    assert page["next"] == "/api/staff/payments/?page_size=2&page=2"
    assert [one["booking_id"] for one in page["results"]] == [str(bookings[2].id), str(bookings[1].id)]


async def test_payments_are_filtered(shop: Shop) -> None:
    customer = new_id()
    paid, open_ = a_booking(customer_id=customer), a_booking()
    await shop.paid(paid)
    await shop.intent(open_)
    path = "/api/staff/payments/"
    today = shop.service.platform.clock().astimezone(NEW_YORK).date().isoformat()
    for query, wanted in (
        ({"status": "succeeded"}, [paid]),
        ({"status": "pending"}, [open_]),
        ({"booking": open_.booking_number}, [open_]),
        ({"booking": str(open_.id)}, [open_]),
        ({"date": "2000-01-01"}, []),
        ({"date": today}, [open_, paid]),
        ({"customer": str(customer)}, [paid]),
        ({"customer": "ADA@example.com"}, [open_, paid]),
        ({"customer": "bob@example.com"}, []),
        ({"date_to": "2000-01-01"}, []),
        ({"date_from": "2000-01-01", "date_to": "2099-01-01"}, [open_, paid]),
    ):
        found = await get(shop, path, **query)
        assert {one["booking_id"] for one in found["results"]} == {str(booking.id) for booking in wanted}, query


async def test_a_payment_shows_all_that_happened_to_it(shop: Shop) -> None:
    payment = await shop.paid(a_booking())
    await shop.request_refund(payment.id, 10_000)
    await shop.work()
    file = await get(shop, f"/api/staff/payments/{payment.id}/")
    assert (file["status"], file["amount_cents"], file["amount_dollars"]) == ("partially_refunded", TOTAL_CENTS, 249)
    assert [refund["status"] for refund in file["refunds"]] == ["succeeded"]
    assert sum(entry["amount_cents"] for entry in file["ledger_entries"]) == 0
    assert file["audit_trail"][0]["action_type"] == "payment_started"


async def test_looking_at_a_payment_is_audited(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    await get(shop, f"/api/staff/payments/{payment.id}/")
    (entry,) = await shop.service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.staff_id, entry.action_type, entry.booking_id) == (VIEWER.id, "booking_viewed", booking.id)


async def test_staff_refund_a_part_and_then_the_rest(shop: Shop) -> None:
    booking = a_booking()
    payment = await shop.paid(booking)
    path, staff = f"/api/staff/payments/{payment.id}/refunds/", a_staff_member("refund_payments", "view_bookings")
    async with shop.service.as_caller(staff) as client:
        part = await client.post(path, json={"amount_cents": 10_000, "reason": "late"}, headers=KEY)
        again = await client.post(path, json={"amount_cents": 10_000, "reason": "late"}, headers=KEY)
        rest = await client.post(path, json={"reason": "very late"})
        none = await client.post(path, json={"reason": "too late"})
    assert (part.status_code, rest.status_code, rest.json()["amount_cents"]) == (201, 201, TOTAL_CENTS - 10_000)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (part.json(), "true")
    assert (none.status_code, none.json()["error_code"]) == (409, "nothing_to_refund")
    await shop.work()
    assert (await get(shop, "/api/staff/refunds/", status="succeeded"))["count"] == 2
    audited = await shop.service.events(AuditRecorded)
    assert [entry.action_type for entry in audited] == ["payment_refunded"] * 2  # type: ignore[attr-defined]


async def test_invariants_hold_with_figures(shop: Shop) -> None:
    await shop.paid(a_booking())
    async with shop.service.as_caller(a_staff_member("manage_operations")) as client:
        proof = (await client.get("/operations/invariants/")).json()
    assert all(check["ok"] for check in proof["checks"])
    figures = {check["name"]: check["figures"] for check in proof["checks"]}
    assert figures["payments_equal_ledger"]["ledger_captured_cents"] == TOTAL_CENTS


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/staff/payments/"),
        ("GET", "/api/staff/payments/01900000-0000-7000-8000-000000000001/"),
        ("POST", "/api/staff/payments/01900000-0000-7000-8000-000000000001/refunds/"),
        ("GET", "/api/staff/refunds/"),
        ("GET", "/operations/invariants/"),
    ],
)
async def test_others_are_refused(shop: Shop, method: str, path: str) -> None:
    for caller in (a_customer(), a_staff_member("view_customers")):
        async with shop.service.as_caller(caller) as client:
            assert (await client.request(method, path, json={"reason": "x"})).status_code == 403
    async with shop.service.as_caller() as client:
        assert (await client.request(method, path)).status_code == 401


async def test_an_unknown_payment_is_not_found(shop: Shop) -> None:
    async with shop.service.as_caller(VIEWER) as client:
        assert (await client.get("/api/staff/payments/01900000-0000-7000-8000-000000000001/")).status_code == 404
        assert (await client.get("/api/staff/payments/seven/")).status_code == 400


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2027-02-29", "1767225600"])
async def test_days_that_can_not_be_reckoned_with_are_refused_by_name(shop: Shop, day: str) -> None:
    async with shop.service.as_caller(VIEWER) as client:
        for name in ("date_from", "date_to"):
            answer = await client.get("/api/staff/payments/", params={name: day})
            assert (answer.status_code, list(answer.json().get("field_errors", {}))) == (400, [name])
