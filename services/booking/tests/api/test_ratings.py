"""Customers rate their moves, once, when they are over."""

import asyncio
from typing import Any

import pytest
from shared.contracts.booking import BookingRated
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member

from ..factories import a_customers_order, a_payment, an_order

SAM = a_staff_member("view_bookings", "manage_bookings")


async def call(
    service: RunningService, method: str, path: str, caller: Caller = Caller(), body: Any = None, **headers: str
) -> Any:
    async with service.as_caller(caller, **headers) as client:
        return await client.request(method, path, json=body)


async def moved(service: RunningService, caller: Caller = Caller(), until: str = "completed") -> dict[str, Any]:
    path, order = "/api/bookings/guest-booking/", an_order()
    if caller.kind == "customer":
        path, order = "/api/customers/bookings/create/", a_customers_order()
    answer = (await call(service, "POST", path, caller, order)).json()
    booking = answer["booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    for version, status in ((2, "in_progress"), (3, "completed")):
        if until in (status, "completed"):
            change = {"version": version, "status": status}
            await call(service, "PUT", f"/api/staff/bookings/{booking['id']}/", SAM, change)
    return {**booking, "token": answer["manage_token"]}


def by_token(booking: Any) -> str:
    return f"/api/bookings/booking-status/{booking['booking_number']}/rating/"


async def test_a_guest_rates_with_the_manage_token(service: RunningService) -> None:
    booking = await moved(service)
    body = {"rating": 5, "text": "Careful.", "manage_token": booking["token"]}
    answer = await call(service, "POST", by_token(booking), body=body)
    assert (answer.status_code, answer.json()["rating"]["rated_by"]) == (201, "guest")
    [told] = await service.events(BookingRated)
    assert isinstance(told, BookingRated)
    assert (told.rating, told.booking.version) == (5, 5)


async def test_a_customer_rates_and_staff_read_it(service: RunningService) -> None:
    ada = a_customer()
    booking = await moved(service, ada)
    path = f"/api/customers/bookings/{booking['id']}/rating/"
    assert (await call(service, "POST", path, ada, {"rating": 3})).status_code == 201
    assert (await call(service, "POST", path, a_customer(), {"rating": 1})).status_code == 404
    listed = (await call(service, "GET", "/api/staff/ratings/", SAM)).json()
    assert (listed["count"], listed["average"], listed["counts"]["3"]) == (1, 3, 1)
    assert listed["results"][0]["booking_number"] == booking["booking_number"]
    mine = await call(service, "GET", f"/api/customers/bookings/{booking['id']}/", ada)
    assert mine.json()["rating"]["rating"] == 3
    file = await call(service, "GET", f"/api/staff/bookings/{booking['id']}/", SAM)
    assert (file.json()["rating"]["rating"], file.json()["rating"]["rated_by"]) == (3, "customer")


async def test_a_move_is_rated_once_whoever_hurries(service: RunningService) -> None:
    booking = await moved(service)
    bodies = [{"rating": 1 + number % 5, "manage_token": booking["token"]} for number in range(20)]
    answers = await asyncio.gather(*(call(service, "POST", by_token(booking), body=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {answer.json()["error_code"] for answer in answers if answer.status_code == 409} == {"already_rated"}
    assert len(await service.events(BookingRated)) == 1


async def test_a_key_gives_the_first_answer_again(service: RunningService) -> None:
    booking, key = await moved(service), {"Idempotency-Key": "k" * 20}
    body = {"rating": 4, "manage_token": booking["token"]}
    first, again = [await call(service, "POST", by_token(booking), body=body, **key) for _ in range(2)]
    other = await call(service, "POST", by_token(booking), body={**body, "rating": 1}, **key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()


@pytest.mark.parametrize("status", ["paid", "in_progress"])
async def test_what_is_not_over_is_not_rated(service: RunningService, status: str) -> None:
    booking = await moved(service, until=status)
    answer = await call(service, "POST", by_token(booking), body={"rating": 5, "manage_token": booking["token"]})
    assert (answer.status_code, answer.json()["error_code"]) == (409, "not_completed")
    assert answer.json()["booking_status"] == status


async def test_without_the_token_there_is_nothing(service: RunningService) -> None:
    booking = await moved(service)
    for body in ({"rating": 5}, {"rating": 5, "manage_token": "wrong"}):
        assert (await call(service, "POST", by_token(booking), body=body)).status_code == 404
    assert (await call(service, "POST", by_token({"booking_number": "TT-1"}), body={"rating": 5})).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rating"),
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"rating": "5"}, "rating"),
        ({"rating": 5, "text": "x" * 2001}, "text"),
        ({"rating": 5, "stars": 1}, "stars"),
    ],
)
async def test_what_is_wrong_is_named(service: RunningService, body: Any, field: str) -> None:
    answer = await call(service, "POST", by_token({"booking_number": "TT-1"}), body=body)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])


async def test_the_list_is_narrowed_and_its_average_with_it(service: RunningService, clock: MovableClock) -> None:
    for grade in (5, 4, 4):
        booking = await moved(service)
        body = {"rating": grade, "manage_token": booking["token"]}
        await call(service, "POST", by_token(booking), body=body)
    async with service.as_caller(SAM) as client:
        page = (await client.get("/api/staff/ratings/", params={"page_size": 2})).json()
        fours = (await client.get("/api/staff/ratings/", params={"rating": 4})).json()
        today = (await client.get("/api/staff/ratings/", params={"from": "2026-11-23", "to": "2026-11-23"})).json()
        later = (await client.get("/api/staff/ratings/", params={"from": "2026-11-24"})).json()
    assert (len(page["results"]), page["count"], page["average"], page["next"] is None) == (2, 3, 4.33, False)
    assert (fours["count"], fours["average"], today["count"]) == (2, 4, 3)
    assert (later["count"], later["average"]) == (0, None)


async def test_permissions_are_checked(service: RunningService) -> None:
    assert (await call(service, "GET", "/api/staff/ratings/", a_staff_member())).status_code == 403
    assert (await call(service, "GET", "/api/staff/ratings/", a_customer())).status_code == 403
    assert (await call(service, "GET", "/api/staff/ratings/")).status_code == 401
