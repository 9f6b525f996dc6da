"""Following and cancelling a booking without an account."""

from typing import Any

import pytest
from shared.testing.service import RunningService

from ..factories import an_order

GUEST = "/api/bookings/guest-booking/"
PATH = "/api/bookings/booking-status"


async def booked(service: RunningService) -> Any:
    async with service.as_caller() as client:
        return (await client.post(GUEST, json=an_order())).json()


async def status(service: RunningService, number: str, **query: str) -> Any:
    async with service.as_caller() as client:
        return await client.get(f"{PATH}/{number}/", params=query)


async def test_anybody_sees_little(service: RunningService) -> None:
    number = (await booked(service))["booking"]["booking_number"]
    assert (await status(service, number)).json() == {
        "booking_number": number, "status": "pending", "customer_name": "Ada B.", "service_type": "mini_move",
        "pickup_date": "2026-11-30", "pickup_time": "morning", "total_price_dollars": 1115,
    }  # fmt: skip


@pytest.mark.parametrize("proof", ["token", "email"])
async def test_the_holder_sees_more(service: RunningService, proof: str) -> None:
    body = await booked(service)
    given = {"token": body["manage_token"], "email": "ADA@example.com"}[proof]
    shown = (await status(service, body["booking"]["booking_number"], **{proof: given})).json()
    assert shown["customer_name"] == "Ada Byron"
    assert shown["addresses"]["delivery"]["city"] == "Montauk"
    assert (shown["pricing"]["total_price_cents"], shown["payment_status"]) == (111500, "pending")
    assert shown["pickup_details"]["window_start"] == "2026-11-30T13:00:00Z"
    assert shown["documents"] == []


async def test_wrong_proof_and_unknown_numbers_are_the_same_404(service: RunningService) -> None:
    body = await booked(service)
    number = body["booking"]["booking_number"]
    answers = [
        await status(service, number, email="eve@example.com"),
        await status(service, number, token="x" * 43),
        await status(service, number, token=""),
        await status(service, "TT-20261123-9999"),
        await status(service, "TT-20261123-9999", token=body["manage_token"]),
        await status(service, "x" * 300),
        await status(service, "%00"),
    ]
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(404, "Not found.")}


async def cancel(service: RunningService, number: str, query: Any = None, body: Any = None) -> Any:
    async with service.as_caller() as client:
        return await client.post(f"{PATH}/{number}/cancel/", params=query, json=body)


async def test_the_token_cancels_from_the_body_or_the_address(service: RunningService) -> None:
    first, second = await booked(service), await booked(service)
    answers = [
        await cancel(service, first["booking"]["booking_number"], {"token": first["manage_token"]}),
        await cancel(service, second["booking"]["booking_number"], None, {"manage_token": second["manage_token"]}),
    ]
    assert [answer.json()["updated_booking"]["status"] for answer in answers] == ["cancelled", "cancelled"]


async def test_without_the_token_nothing_can_be_cancelled(service: RunningService) -> None:
    first, other = await booked(service), await booked(service)
    number = first["booking"]["booking_number"]
    answers = [
        await cancel(service, number),
        await cancel(service, number, {"email": "ada@example.com"}),
        await cancel(service, number, {"token": other["manage_token"]}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert (await status(service, number)).json()["status"] == "pending"
