"""A customer's own bookings."""

from datetime import timedelta
from typing import Any

from shared.contracts.booking import BookingCancelled, RefundRequested
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.testing.service import MovableClock, RunningService, a_customer

from ..factories import a_customers_order, a_payment

PATH = "/api/customers/bookings"
KEY = "3f1c2b5e-0000-4000-8000-000000000001"


async def booked(service: RunningService, customer: Caller, **details: Any) -> dict[str, Any]:
    async with service.as_caller(customer) as client:
        answer = await client.post(f"{PATH}/create/", json=a_customers_order(details=details))
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def paid(service: RunningService, customer: Caller) -> dict[str, Any]:
    booking = await booked(service, customer)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    return booking


async def get(service: RunningService, caller: Caller, path: str = "/", **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(f"{PATH}{path}", params=query)


async def cancel(service: RunningService, caller: Caller, booking: Any, key: str = "", **query: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    async with service.as_caller(caller, **headers) as client:
        return await client.post(f"{PATH}/{booking['id']}/cancel/", params=query, json={"reason": "Plans changed"})


async def test_the_list_is_ones_own_newest_first_in_pages(service: RunningService, clock: MovableClock) -> None:
    ada, grace = a_customer(), a_customer()
    numbers = []
    for _ in range(3):
        numbers.append((await booked(service, ada))["booking_number"])
        clock.now += timedelta(seconds=1)
    await booked(service, grace)
    first = (await get(service, ada, page_size=2)).json()
    assert [one["booking_number"] for one in first["results"]] == [numbers[2], numbers[1]]
    assert (first["count"], first["previous"]) == (3, None)
    second = (await get(service, ada, page_size=2, page=2)).json()
    assert ([one["booking_number"] for one in second["results"]], second["next"]) == ([numbers[0]], None)
    assert (await get(service, ada, page_size=2, page=9)).json()["count"] == 3


async def test_the_list_is_narrowed_by_status_and_day(service: RunningService) -> None:
    ada = a_customer()
    early = await paid(service, ada)
    await booked(service, ada, pickup_date="2026-12-05")

    async def found(**query: Any) -> list[str]:
        return [one["pickup_date"] for one in (await get(service, ada, **query)).json()["results"]]

    assert await found(status="paid") == [early["pickup_date"]]
    assert await found(pickup_date_from="2026-12-01") == ["2026-12-05"]
    assert await found(pickup_date_to="2026-11-30") == ["2026-11-30"]
    assert (await get(service, ada, status="lost")).status_code == 400
    assert (await get(service, ada, pickup_date_to="1")).status_code == 400
    assert (await get(service, ada, page_size=101)).status_code == 400


async def test_the_detail_shows_all_of_it(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada, include_packing=True)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    body = (await get(service, ada, f"/{booking['id']}/")).json()
    assert (body["booking_details"]["status"], body["payment_status"]) == ("paid", "succeeded")
    assert [one["service_type"] for one in body["organizing_services"]] == ["petite_packing"]
    assert [(step["to_status"], step["changed_by"]) for step in body["status_history"]] == [
        ("pending", "customer"),
        ("paid", "payment"),
    ]


async def test_other_peoples_bookings_do_not_exist(service: RunningService) -> None:
    booking = await booked(service, a_customer())
    grace = a_customer()
    assert (await get(service, grace, f"/{booking['id']}/")).status_code == 404
    assert (await cancel(service, grace, booking)).status_code == 404
    assert (await get(service, Caller())).status_code == 401


async def test_a_preview_of_a_cancellation_changes_nothing(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    answer = await cancel(service, ada, booking, preview="true")
    assert answer.json() == {
        "preview": True,
        "refund": {"refund_percent": 100, "refund_cents": 111500, "refund_dollars": 1115},
    }
    assert await service.events(BookingCancelled) == []


async def test_an_early_cancellation_gives_all_back(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    answer = await cancel(service, ada, booking)
    assert (answer.status_code, answer.json()["updated_booking"]["status"]) == (200, "cancelled")
    [cancelled] = await service.events(BookingCancelled)
    [wanted] = await service.events(RefundRequested)
    assert isinstance(cancelled, BookingCancelled)
    assert isinstance(wanted, RefundRequested)
    assert (cancelled.refund_cents, cancelled.cancelled_by, cancelled.reason) == (111500, "customer", "Plans changed")
    assert cancelled.refund_percent == 100
    assert (wanted.amount_cents, wanted.booking.status) == (None, "cancelled")


async def test_a_late_cancellation_gives_half_or_nothing_back(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    half, nothing = await paid(service, ada), await paid(service, ada)
    clock.now = clock.now.replace(day=29, hour=12)
    assert (await cancel(service, ada, half)).json()["refund"]["refund_cents"] == 55750
    clock.now = clock.now.replace(hour=14)
    assert (await cancel(service, ada, nothing)).json()["refund"]["refund_cents"] == 0
    [wanted] = await service.events(RefundRequested)
    assert isinstance(wanted, RefundRequested)
    assert wanted.amount_cents == 55750


async def test_an_unpaid_booking_is_cancelled_without_a_refund(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    assert (await cancel(service, ada, booking)).json()["refund"]["refund_cents"] == 0
    assert await service.events(RefundRequested) == []


async def test_twice_cancelled_is_refused_and_names_what_is_allowed(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    await cancel(service, ada, booking)
    again = await cancel(service, ada, booking)
    assert (again.status_code, again.json()["error_code"]) == (409, "invalid_transition")
    assert (again.json()["booking_status"], again.json()["allowed"]) == ("cancelled", [])


async def test_the_same_cancellation_again_gives_the_first_answer_again(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    first = await cancel(service, ada, booking, KEY)
    again = await cancel(service, ada, booking, KEY)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await service.events(RefundRequested)) == 1
