from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from customers.adapters.tables import staff_audit
from shared.contracts.booking import BookingPaid
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from ..factories import a_booking, a_refund, an_audit_entry, log_in, register

PEOPLE = (("Ada", "Byron", "2125550123"), ("Bob", "Ross", "9175550199"), ("Al", "Day", "6315550188"))
LOOKS, RUNS = a_staff_member("view_customers"), a_staff_member("manage_operations")


async def get(service: RunningService, path: str, caller: Any = LOOKS, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(path, params=query or None)


async def found(service: RunningService, **query: Any) -> list[str]:
    answer = await get(service, "/api/staff/customers/", **query)
    assert answer.status_code == 200, answer.text
    return [customer["first_name"] for customer in answer.json()["results"]]


async def three_customers(service: RunningService, clock: MovableClock) -> None:
    for first, last, phone in (
        ("Ada", "Byron", "2125550123"),
        ("Bob", "Ross", "9175550199"),
        ("Al", "Day", "6315550188"),
    ):
        await register(service, email=f"{first}@example.com", first_name=first, last_name=last, phone=phone)
        clock.now += timedelta(hours=1)


SEARCHES = {
    "a": ["Al", "Ada"],
    "ADA": ["Ada"],
    "bob@ex": ["Bob"],
    "ross": ["Bob"],
    "ada by": ["Ada"],
    "ada ross": [],
    "(917) 555": ["Bob"],
    "+1631": ["Al"],
    "%": [],
    "_da": ["Al"],
    "555-0199": ["Bob"],
    "example": ["Al", "Bob", "Ada"],
    "TT-20261101": ["Bob"],
    "20261101-0042": ["Bob"],
    "": ["Al", "Bob", "Ada"],
    "tt-20261101-0042": ["Bob"],
}


async def test_staff_find_customers(service: RunningService, clock: MovableClock) -> None:
    await three_customers(service, clock)
    bob = (await get(service, "/api/staff/customers/", search="bob")).json()["results"][0]["id"]
    booking = a_booking(customer_id=bob, booking_number="TT-20261101-0042", status="paid", version=2)
    await service.receive(BookingPaid(booking=booking, paid_cents=booking.total_cents))
    assert {search: await found(service, search=search) for search in SEARCHES} == SEARCHES


async def test_lists_come_in_pages(service: RunningService, clock: MovableClock) -> None:
    await three_customers(service, clock)
    first = (await get(service, "/api/staff/customers/", page_size=2)).json()
    assert (len(first["results"]), first["count"], first["previous"]) == (2, 3, None)
    last = (await get(service, first["next"])).json()
    assert ([customer["first_name"] for customer in last["results"]], last["next"]) == (["Ada"], None)


async def test_customers_are_filtered_by_their_bookings(service: RunningService, clock: MovableClock) -> None:
    await three_customers(service, clock)
    ada = (await get(service, "/api/staff/customers/", search="ada")).json()["results"][0]["id"]
    booking = a_booking(200_000, customer_id=ada, status="paid", version=2)
    await service.receive(BookingPaid(booking=booking, paid_cents=200_000))
    assert await found(service, is_vip=True) == ["Ada"]
    assert await found(service, is_vip=False) == ["Al", "Bob"]
    assert await found(service, total_bookings_min=1) == ["Ada"]
    assert await found(service, total_bookings_min=2) == []


async def test_customers_are_filtered_by_the_business_day_they_registered_on(
    service: RunningService, clock: MovableClock
) -> None:
    clock.now = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    await three_customers(service, clock)
    assert await found(service, registration_date_to="2026-11-21") == ["Bob", "Ada"]
    assert await found(service, registration_date_from="2026-11-22") == ["Al"]


async def test_staff_see_a_customer_with_bookings_and_payments_and_it_is_audited(service: RunningService) -> None:
    customer_id = await register(service)
    payment_id = new_id()
    booking = a_booking(customer_id=customer_id, status="paid", version=2)
    await service.receive(BookingPaid(booking=booking, payment_id=payment_id, paid_cents=50_000))
    await service.receive(a_refund(booking, payment_id, 20_000))
    body = (await get(service, f"/api/staff/customers/{customer_id}/")).json()
    assert body["customer_details"]["customer_profile"]["total_spent_dollars"] == 300
    assert [row["total_price_dollars"] for row in body["booking_history"]] == [500]
    assert [(row["paid_cents"], row["refunded_cents"]) for row in body["payment_history"]] == [(50_000, 20_000)]
    [entry] = (await get(service, "/api/staff/audit/", RUNS, customer_id=customer_id)).json()["results"]
    assert (entry["action_type"], entry["staff_id"], entry["ip_address"]) == (
        "customer_viewed",
        str(LOOKS.id),
        "203.0.113.8",
    )


async def test_an_unknown_customer_is_not_found_and_leaves_no_trace(service: RunningService) -> None:
    assert (await get(service, f"/api/staff/customers/{new_id()}/")).status_code == 404
    assert (await get(service, "/api/staff/audit/", RUNS)).json()["count"] == 0


async def test_entries_of_other_services_are_kept_once_and_filtered(service: RunningService) -> None:
    entry, other = an_audit_entry(after={"status": "paid"}), an_audit_entry(action_type="report_generated")
    for event in (entry, other, entry):
        await service.receive(event)
    everything = (await get(service, "/api/staff/audit/", RUNS)).json()
    assert everything["count"] == 2
    for query in ({"staff_id": entry.staff_id}, {"booking_id": entry.booking_id}, {"action_type": "booking_updated"}):
        [row] = (await get(service, "/api/staff/audit/", RUNS, **query)).json()["results"]
        assert (row["id"], row["after"], row["staff_name"]) == (str(entry.entry_id), {"status": "paid"}, None)


async def test_entries_are_filtered_by_business_days(service: RunningService) -> None:
    late = an_audit_entry(happened_at=datetime(2026, 11, 2, 4, 59, tzinfo=UTC))
    await service.receive(late)
    days = {"from": "2026-11-01", "to": "2026-11-01"}
    assert (await get(service, "/api/staff/audit/", RUNS, **days)).json()["count"] == 1
    assert (await get(service, "/api/staff/audit/", RUNS, **{"from": "2026-11-02"})).json()["count"] == 0


async def test_the_audit_log_names_the_staff_member(service: RunningService, staff_email: str) -> None:
    await log_in(service, staff_email, who="staff")
    rows = (await get(service, "/api/staff/audit/", RUNS, action_type="login")).json()["results"]
    assert [(row["staff_email"], row["staff_name"]) for row in rows] == [(staff_email, "Sam Porter")]


@pytest.mark.parametrize(
    "change", [update(staff_audit).values(description="nothing"), delete(staff_audit), text("TRUNCATE staff_audit")]
)
async def test_nobody_changes_the_audit_log(service: RunningService, change: Any) -> None:
    await service.receive(an_audit_entry())
    with pytest.raises(DBAPIError, match="append-only"):
        async with service.database.transaction() as connection:
            await connection.execute(change)


async def test_only_those_who_may_see_customers_and_the_audit_log(service: RunningService) -> None:
    for path in ("/api/staff/customers/", f"/api/staff/customers/{new_id()}/", "/api/staff/audit/"):
        assert (await get(service, path, a_staff_member("manage_bookings"))).status_code == 403
        assert (await get(service, path, a_customer())).status_code == 403
    assert (await get(service, "/api/staff/audit/", LOOKS)).status_code == 403


WRONG_QUERIES = [
    ("customers/", {"search": "a\u0000"}),
    ("customers/", {"search": "x" * 101}),
    ("customers/", {"is_vip": "perhaps"}),
    ("customers/", {"total_bookings_min": "NaN"}),
    ("customers/", {"registration_date_from": "yesterday"}),
    ("customers/", {"registration_date_to": "9999-12-31"}),
    ("customers/", {"page": 0}),
    ("customers/", {"page_size": 101}),
    ("customers/1/", {}),
    ("audit/", {"staff_id": "1"}),
    ("audit/", {"from": "2026-02-30"}),
    ("audit/", {"from": "0001-01-01"}),
    ("audit/", {"action_type": "\u0000"}),
]


async def test_wrong_queries_are_refused_by_name(service: RunningService) -> None:
    everything = a_staff_member("view_customers", "manage_operations")
    for path, query in WRONG_QUERIES:
        refused = await get(service, f"/api/staff/{path}", everything, **query)
        named = list(refused.json().get("field_errors", ()))
        assert (refused.status_code, named) == (400, list(query) or ["id"]), (path, query)
