"""The office's list of bookings."""

import csv
import io
from typing import Any

import pytest
from shared.contracts.customers import AuditRecorded
from shared.contracts.payments import PaymentCreated, PaymentSucceeded
from shared.http.identity import Caller
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member

from ..factories import MONDAY, SATURDAY, a_payment, an_order

PATH = "/api/staff/bookings/"
SAM = a_staff_member("view_bookings")
MANAGER = a_staff_member("view_bookings", "view_reports")
DELIVERY = {"service_type": "standard_delivery", "package_type": ..., "item_count": 2}


async def booked(service: RunningService, who: dict[str, str] | None = None, **details: Any) -> dict[str, Any]:
    order = an_order(details=details)
    order["customer_info"] |= who or {}
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=order)
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def get(service: RunningService, caller: Caller = SAM, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(PATH, params=query)


async def numbers(service: RunningService, **query: Any) -> list[str]:
    answer = await get(service, **query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] == len(answer.json()["results"])
    return [one["booking_number"] for one in answer.json()["results"]]


async def test_it_is_narrowed_and_says_so(service: RunningService) -> None:
    await booked(service)
    wanted = await booked(service, **DELIVERY, pickup_date=SATURDAY.isoformat())
    answer = (await get(service, service_type="standard_delivery", pickup_date="2026-11-28", status="pending")).json()
    assert [one["id"] for one in answer["results"]] == [wanted["id"]]
    assert (answer["count"], answer["next"], answer["previous"]) == (1, None, None)
    told = {name: value for name, value in answer["filters"].items() if value is not None}
    assert told == {
        "status": "pending", "service_type": "standard_delivery", "pickup_date": "2026-11-28",
        "ordering": "-created_at",
    }  # fmt: skip


async def test_the_days_of_a_span_are_both_in_it(service: RunningService) -> None:
    early = await booked(service, pickup_date=SATURDAY.isoformat())
    late = await booked(service, pickup_date=MONDAY.isoformat())
    span = await numbers(service, pickup_date_from="2026-11-28", pickup_date_to="2026-11-30", ordering="pickup_date")
    assert span == [early["booking_number"], late["booking_number"]]
    assert await numbers(service, pickup_date_from="2026-11-29") == [late["booking_number"]]


@pytest.mark.parametrize("typed", ["grace", "HOPPER", "hop gra", "grace@navy", "navy.example", "415-555", "0199"])
async def test_people_are_found_by_what_is_known_of_them(service: RunningService, typed: str) -> None:
    await booked(service)
    grace = {"first_name": "Grace", "last_name": "Hopper", "email": "grace@navy.example", "phone": "(415) 555-0199"}
    wanted = await booked(service, grace)
    assert await numbers(service, customer_search=typed) == [wanted["booking_number"]]


async def test_a_booking_is_found_by_its_number(service: RunningService) -> None:
    first, second = await booked(service), await booked(service)
    assert await numbers(service, customer_search=first["booking_number"].lower()) == [first["booking_number"]]
    assert await numbers(service, customer_search=second["booking_number"][3:]) == [second["booking_number"]]


@pytest.mark.parametrize("typed", ["nobody", "!!", "' | 'ada", "ada:*|grace", "\\", "'"])
async def test_what_finds_nobody_does_no_harm(service: RunningService, typed: str) -> None:
    await booked(service, {"first_name": "Zoe", "email": "zoe@example.com"})
    assert await numbers(service, customer_search=typed) == []


async def test_it_is_narrowed_by_what_became_of_the_payment(service: RunningService) -> None:
    paid, tried, waiting = [await booked(service) for _ in range(3)]
    await service.receive(PaymentSucceeded(payment=a_payment(paid)))
    await service.receive(PaymentCreated(payment=a_payment(tried, status="failed", captured_cents=0)))
    assert await numbers(service, payment_status="succeeded") == [paid["booking_number"]]
    assert await numbers(service, payment_status="failed", status="pending") == [tried["booking_number"]]
    assert await numbers(service, payment_status="pending") == [waiting["booking_number"]]


async def test_the_payment_that_paid_is_shown_whatever_follows(service: RunningService) -> None:
    booking = await booked(service)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    await service.receive(PaymentCreated(payment=a_payment(booking, status="pending", captured_cents=0)))
    assert (await get(service)).json()["results"][0]["payment_status"] == "succeeded"


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [("created_at", "abc"), ("-created_at", "cba"), ("pickup_date", "bca"), ("-pickup_date", "acb"),
     ("total", "bac"), ("-total", "cab"), ("status", "cab"), ("-status", "bac")],
)  # fmt: skip
async def test_the_order_is_as_wanted(
    service: RunningService, clock: MovableClock, ordering: str, expected: str
) -> None:
    wanted = {
        "a": {"pickup_date": "2026-12-16"},
        "b": {"pickup_date": "2026-12-14", **DELIVERY},
        "c": {"pickup_date": "2026-12-15", "package_type": "standard"},
    }
    booked_as = {}
    for name, details in wanted.items():
        booked_as[(await booked(service, **details))["booking_number"]] = name
        clock.now = clock.now.replace(minute=clock.now.minute + 1)
    third = (await get(service, ordering="-created_at")).json()["results"][0]
    async with service.as_caller(a_staff_member("manage_bookings")) as client:
        await client.put(f"{PATH}{third['id']}/", json={"version": 1, "status": "confirmed"})
    assert "".join(booked_as[number] for number in await numbers(service, ordering=ordering)) == expected


async def test_pages_follow_each_other(service: RunningService) -> None:
    everything = [(await booked(service))["booking_number"] for _ in range(3)]
    second = (await get(service, ordering="created_at", page=2, page_size=2)).json()
    assert [one["booking_number"] for one in second["results"]] == everything[2:]
    assert (second["count"], second["next"]) == (3, None)
    assert "page=1" in second["previous"]
    beyond = (await get(service, page=9)).json()
    assert (beyond["results"], beyond["count"]) == ([], 3)


@pytest.mark.parametrize(
    "wrong", [{"ordering": "email"}, {"status": "lost"}, {"customer_search": "x" * 101}, {"customer_search": "\x00"}]
)
async def test_a_wrong_filter_is_told(service: RunningService, wrong: dict[str, str]) -> None:
    answer = await get(service, **wrong)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, list(wrong))


async def test_the_whole_list_is_downloaded(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = [await booked(service, {"first_name": "=1+1"}) for _ in range(5)]
    monkeypatch.setattr("booking.queries.staff_list.CHUNK", 2)
    answer = await get(service, MANAGER, format="csv", ordering="total", status="pending")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["booking_number"] for row in rows] == [one["booking_number"] for one in everything]
    assert rows[0]["first_name"] == "'=1+1"
    assert rows[0]["pickup_address"] == "1 Main St, New York, NY 10001"
    assert (rows[0]["phone"], rows[0]["total_price_cents"]) == ("'+12125550123", "111500")


async def test_a_download_is_recorded_without_what_was_searched_for(service: RunningService) -> None:
    await get(service, MANAGER, format="csv", customer_search="Ada", status="paid")
    [entry] = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.action_type, entry.staff_id) == ("report_generated", MANAGER.id)
    assert entry.after == {"status": "paid", "customer_search": True}


async def test_permissions_are_checked(service: RunningService) -> None:
    assert (await get(service, SAM, format="csv")).status_code == 403
    assert (await get(service, a_staff_member("view_reports"))).status_code == 403
    assert (await get(service, a_customer())).status_code == 403
    assert (await get(service, Caller())).status_code == 401
