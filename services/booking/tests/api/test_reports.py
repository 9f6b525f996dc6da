"""Bookings per day, for the bookkeeper."""

import csv
import io
from typing import Any

import pytest
from shared.contracts.customers import AuditRecorded
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.testing.service import RunningService, a_customer, a_staff_member

from ..factories import a_payment, an_order

PATH = "/api/staff/reports/bookings/"
MANAGER = a_staff_member("view_reports")
SPAN = {"from": "2026-11-24", "to": "2026-11-30"}


async def booked(service: RunningService, **details: Any) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=an_order(details=details))
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def get(service: RunningService, caller: Caller = MANAGER, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(PATH, params=query)


async def three(service: RunningService) -> None:
    paid = await booked(service, pickup_date="2026-11-24")
    await service.receive(PaymentSucceeded(payment=a_payment(paid)))
    for day in ("2026-11-24", "2026-12-01"):
        await booked(service, pickup_date=day)


async def test_every_day_type_and_status_has_its_row(service: RunningService) -> None:
    await three(service)
    report = (await get(service, **SPAN)).json()
    assert [(row["day"], row["status"], row["bookings"], row["paid_cents"]) for row in report["results"]] == [
        ("2026-11-24", "paid", 1, 111_500),
        ("2026-11-24", "pending", 1, 0),
    ]
    assert (report["totals"]["bookings"], report["totals"]["total_price_dollars"]) == (2, 2230)
    assert report["by_status"]["paid"]["paid_dollars"] == 1115
    assert report["by_service_type"]["mini_move"]["bookings"] == 2


async def test_it_can_go_by_the_day_of_the_booking(service: RunningService) -> None:
    await three(service)
    today = {"from": "2026-11-23", "to": "2026-11-23", "date_field": "created_at"}
    report = (await get(service, **today)).json()
    assert {row["day"] for row in report["results"]} == {"2026-11-23"}
    assert report["totals"]["bookings"] == 3


async def test_a_span_without_bookings_sums_to_nothing(service: RunningService) -> None:
    report = (await get(service, **SPAN)).json()
    assert (report["results"], report["totals"]["bookings"], report["totals"]["paid_dollars"]) == ([], 0, 0)


async def test_it_can_be_downloaded(service: RunningService) -> None:
    await three(service)
    answer = await get(service, **SPAN, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["day"], row["status"], row["total_price_cents"]) for row in rows] == [
        ("2026-11-24", "paid", "111500"),
        ("2026-11-24", "pending", "111500"),
    ]
    assert 'filename="bookings-2026-11-24-2026-11-30.csv"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from": "2026-12-01", "to": "2026-11-30"}, "from"),
        ({"from": "2026-01-01", "to": "2027-01-02"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"date_field": "total"}, "date_field"),
    ],
)
async def test_a_wrong_span_is_told(service: RunningService, wrong: dict[str, str], field: str) -> None:
    answer = await get(service, **wrong)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])
    assert await service.events(AuditRecorded) == []


async def test_a_year_is_not_too_long_and_the_last_month_is_the_habit(service: RunningService) -> None:
    assert (await get(service, **{"from": "2026-01-01", "to": "2027-01-01"})).status_code == 200
    report = (await get(service)).json()
    assert (report["date_from"], report["date_to"]) == ("2026-10-24", "2026-11-23")


async def test_that_it_was_fetched_is_recorded(service: RunningService) -> None:
    await get(service, **SPAN, format="csv")
    [entry] = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.action_type, entry.staff_id) == ("report_generated", MANAGER.id)
    assert entry.after == {**SPAN, "date_field": "pickup_date", "format": "csv"}


async def test_permissions_are_checked(service: RunningService) -> None:
    assert (await get(service, a_staff_member("view_bookings", "manage_bookings"))).status_code == 403
    assert (await get(service, a_customer())).status_code == 403
    assert (await get(service, Caller())).status_code == 401
