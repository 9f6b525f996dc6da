import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.booking_state import Contact
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member

from ..factories import a_booking, a_refund, register

BOSS = a_staff_member("view_reports")
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


async def get(service: RunningService, path: str, caller: Any = BOSS, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(f"/api/staff/{path}", params=query or None)


async def paid(
    service: RunningService,
    cents: int,
    at: datetime,
    customer_id: UUID | None = None,
    email: str = "x@example.com",
    **more: Any,
) -> None:
    contact = Contact(first_name="Guest", last_name=email.partition("@")[0], email=email, phone="+12125550123")
    values = {"customer_id": customer_id, "contact": contact, "created_at": at, "paid_at": at, **more}
    booking = a_booking(cents, status="paid", version=2, **values)
    await service.receive(BookingPaid(booking=booking, payment_id=booking.id, paid_cents=cents))


async def a_year_of_business(service: RunningService, clock: MovableClock) -> dict[str, UUID]:
    """Ada is lapsed, Bob a repeating VIP, Cyd new without a booking; Gus and Gil are guests, Bob was one once."""
    ids = {}
    for name, days_ago in (("Ada", 400), ("Bob", 100), ("Cyd", 5)):
        clock.now = NOW - timedelta(days=days_ago)
        ids[name] = await register(service, email=f"{name}@example.com", first_name=name, last_name="X")
    clock.now = NOW
    await paid(service, 10_001, NOW - timedelta(days=300), ids["Ada"])
    await paid(service, 150_000, NOW - timedelta(days=50), ids["Bob"], service_type="standard_delivery")
    await paid(service, 60_000, NOW - timedelta(days=10), ids["Bob"])
    await paid(service, 7_000, NOW - timedelta(days=200), None, "bob@example.com")
    await paid(service, 5_000, NOW - timedelta(days=20), None, "gus@example.com")
    unpaid = Contact(first_name="Gil", last_name="Y", email="gil@example.com", phone="1")
    await service.receive(BookingCreated(booking=a_booking(contact=unpaid)))
    return ids


async def test_segments_hold_who_belongs_to_them(service: RunningService, clock: MovableClock) -> None:
    await a_year_of_business(service, clock)
    sizes = (await get(service, "crm/segments/")).json()["segments"]
    assert {row["code"]: row["count"] for row in sizes} == {"new": 1, "repeat": 1, "vip": 1, "lapsed": 1, "guests": 2}
    expected = {"new": ["Cyd"], "repeat": ["Bob"], "vip": ["Bob"], "lapsed": ["Ada"], "guests": ["Guest", "Gil"]}
    for code, names in expected.items():
        page = (await get(service, f"crm/segments/{code}/customers/")).json()
        assert [row["name"].split()[0] for row in page["results"]] == names, code
        assert page["count"] == len(names)
    assert (await get(service, "crm/segments/everybody/customers/")).status_code == 400


async def test_a_guest_is_a_contact_by_email_address(service: RunningService, clock: MovableClock) -> None:
    await a_year_of_business(service, clock)
    gus = (await get(service, "crm/segments/guests/customers/")).json()["results"][0]
    assert (gus["customer_id"], gus["email"], gus["name"], gus["phone"]) == (
        None, "gus@example.com", "Guest gus", "+12125550123"
    )  # fmt: skip
    assert (gus["total_bookings"], gus["total_spent_dollars"]) == (1, 50)


async def test_the_summary_counts_everybody_once(service: RunningService, clock: MovableClock) -> None:
    await a_year_of_business(service, clock)
    summary = (await get(service, "crm/summary/")).json()
    assert {name: value for name, value in summary.items() if isinstance(value, int | float)} == {
        "customers": 3,
        "customers_with_bookings": 2,
        "repeat_customers": 1,
        "repeat_rate": 0.5,
        "vip_customers": 1,
        "guests": 2,
        "guest_bookings": 1,
        "total_bookings": 4,
        "lifetime_value_cents": 220_001,
        "lifetime_value_dollars": 2200.01,
        "average_lifetime_value_cents": 110_001,
        "average_lifetime_value_dollars": 1100.01,
    }
    assert summary["new_per_month"] == [
        {"month": "2026-08-01", "customers": 1}, {"month": "2026-11-01", "customers": 1}
    ]  # fmt: skip
    assert [(row["service_type"], row["bookings"], row["spent_cents"]) for row in summary["by_service"]] == [
        ("mini_move", 4, 82_001),
        ("standard_delivery", 1, 150_000),
    ]


async def test_months_are_those_of_new_york(service: RunningService, clock: MovableClock) -> None:
    clock.now = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)  # 23:30 on October 31 there
    await register(service)
    assert (await get(service, "crm/summary/")).json()["new_per_month"] == [{"month": "2026-10-01", "customers": 1}]


async def test_nobody_in_the_books_is_no_division_by_zero(service: RunningService) -> None:
    summary = (await get(service, "crm/summary/")).json()
    assert (summary["repeat_rate"], summary["average_lifetime_value_cents"], summary["by_service"]) == (0, 0, [])


async def test_the_report_tells_what_moved_within_the_time(service: RunningService, clock: MovableClock) -> None:
    ids = await a_year_of_business(service, clock)
    booking = a_booking(60_000, customer_id=ids["Bob"], status="paid", version=2, created_at=NOW, paid_at=NOW)
    await service.receive(BookingPaid(booking=booking, payment_id=(payment_id := new_id()), paid_cents=60_000))
    refund = a_refund(booking, payment_id, 10_000)
    refund = refund.model_copy(update={"refund": refund.refund.model_copy(update={"processed_at": NOW})})
    await service.receive(refund)
    report = (await get(service, "reports/customers/", **{"from": "2026-11-01", "to": "2026-11-22"})).json()
    assert report["period"] == {"from": "2026-11-01", "to": "2026-11-22"}
    assert report["totals"] == {
        "people": 2, "new_customers": 0, "bookings": 3, "paid_cents": 125_000, "refunded_cents": 10_000,
        "net_cents": 115_000, "net_dollars": 1150,
    }  # fmt: skip
    assert [(row["email"], row["bookings"], row["net_cents"]) for row in report["results"]] == [
        ("bob@example.com", 2, 110_000), ("gus@example.com", 1, 5_000)
    ]  # fmt: skip


async def test_days_of_the_report_are_business_days(service: RunningService) -> None:
    customer_id = await register(service)
    await paid(service, 5_000, datetime(2026, 11, 2, 4, 59, tzinfo=UTC), customer_id)  # still the 1st in New York
    for day, people in (("2026-11-01", 1), ("2026-11-02", 0)):
        report = (await get(service, "reports/customers/", **{"from": day, "to": day})).json()
        assert report["totals"]["people"] == people


async def test_everything_can_be_downloaded(service: RunningService, clock: MovableClock) -> None:
    await a_year_of_business(service, clock)
    segment = await get(service, "crm/segments/guests/customers/", format="csv")
    assert [row["email"] for row in csv.DictReader(io.StringIO(segment.text))] == ["gil@example.com", "gus@example.com"]
    days = {"from": "2025-01-01", "to": "2026-11-22"}
    report = await get(service, "reports/customers/", format="csv", **days)
    rows = list(csv.DictReader(io.StringIO(report.text)))
    assert sum(int(row["net_cents"]) for row in rows) == 232_001
    assert len(rows) == 4
    refused = await get(service, "reports/customers/", **{"from": "2026-02-01", "to": "2026-01-01"})
    assert (refused.status_code, list(refused.json()["field_errors"])) == (400, ["to"])


async def test_looking_is_for_those_who_may_see_reports_and_is_audited(service: RunningService) -> None:
    paths = ("crm/summary/", "crm/segments/", "crm/segments/new/customers/", "reports/customers/")
    for path in paths:
        for caller in (a_staff_member("view_customers"), a_customer()):
            assert (await get(service, path, caller)).status_code == 403
        await get(service, path, **({"from": "2026-01-01", "to": "2026-01-31"} if path.startswith("rep") else {}))
    audit = await get(service, "audit/", a_staff_member("manage_operations"), action_type="report_generated")
    assert [entry["description"] for entry in audit.json()["results"]] == [
        "Customers 2026-01-01 to 2026-01-31",
        "CRM segment new",
        "CRM summary",
    ]
