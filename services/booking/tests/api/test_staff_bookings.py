"""What staff see and change."""

from typing import Any

import pytest
from shared.contracts.booking import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingStarted,
    BookingUpdated,
    RefundRequested,
)
from shared.contracts.customers import AuditRecorded
from shared.contracts.payments import PaymentSucceeded, RefundSucceeded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member

from ..factories import a_payment, a_refund, an_order

PATH = "/api/staff/bookings"
SAM = a_staff_member("view_bookings", "manage_bookings")


async def booked(service: RunningService, **details: Any) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=an_order(details=details))
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def get(service: RunningService, path: str = "/", caller: Caller = SAM, **query: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.get(f"{PATH}{path}", params=query)


async def put(service: RunningService, booking: Any, caller: Caller = SAM, **change: Any) -> Any:
    async with service.as_caller(caller) as client:
        return await client.put(f"{PATH}/{booking['id']}/", json=change)


async def audits(service: RunningService) -> list[AuditRecorded]:
    return [event for event in await service.events(AuditRecorded) if isinstance(event, AuditRecorded)]


async def test_a_file_has_all_of_it_and_looking_is_recorded(service: RunningService) -> None:
    booking = await booked(service)
    payment = a_payment(booking)
    await service.receive(PaymentSucceeded(payment=payment))
    refund = a_refund(payment, amount_cents=1000)
    partly = payment.model_copy(update={"version": 4, "status": "partially_refunded", "refunded_cents": 1000})
    await service.receive(RefundSucceeded(refund=refund, payment=partly))
    file = (await get(service, f"/{booking['id']}/")).json()
    assert file["customer_info"]["email"] == "ada@example.com"
    assert (file["complete_booking_details"]["paid_cents"], file["payment_status"]) == (111500, "partially_refunded")
    assert [one["amount_dollars"] for one in file["payment_history"]] == [1115]
    assert [one["amount_cents"] for one in file["refunds"]] == [1000]
    [entry] = await audits(service)
    assert (entry.action_type, str(entry.booking_id), entry.staff_id) == ("booking_viewed", booking["id"], SAM.id)
    assert (entry.ip_address, entry.user_agent) == (SAM.ip, SAM.ua)


async def test_a_booking_goes_its_way(service: RunningService) -> None:
    booking = await booked(service)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    started = await put(service, booking, version=2, status="in_progress")
    completed = await put(service, booking, version=3, status="completed", reason="All delivered.")
    assert [answer.status_code for answer in (started, completed)] == [200, 200]
    assert completed.json()["updated_booking"]["status"] == "completed"
    assert len(await service.events(BookingStarted)) == len(await service.events(BookingCompleted)) == 1
    assert [entry.before and entry.before["status"] for entry in await audits(service)] == ["paid", "in_progress"]


async def test_a_confirmed_booking_does_not_expire(service: RunningService) -> None:
    booking = await booked(service)
    answer = await put(service, booking, version=1, status="confirmed", reason="Pays by invoice.")
    assert answer.json()["updated_booking"]["expires_at"] is None
    assert len(await service.events(BookingConfirmed)) == 1


async def test_texts_change_without_a_step(service: RunningService) -> None:
    booking = await booked(service)
    answer = await put(service, booking, version=1, internal_notes="VIP", special_instructions="Ring")
    changed = answer.json()["updated_booking"]
    assert (changed["version"], changed["internal_notes"], changed["special_instructions"]) == (2, "VIP", "Ring")
    [updated] = await service.events(BookingUpdated)
    assert "VIP" not in updated.model_dump_json()
    [entry] = await audits(service)
    assert entry.after == {"status": "pending", "version": 2, "changed": ["internal_notes", "special_instructions"]}


async def test_a_text_and_a_step_together_are_two_versions(service: RunningService) -> None:
    booking = await booked(service)
    answer = await put(service, booking, version=1, internal_notes="Paid on the day", status="confirmed")
    changed = answer.json()["updated_booking"]
    assert (changed["version"], changed["status"], changed["internal_notes"]) == (3, "confirmed", "Paid on the day")


@pytest.mark.parametrize("status", ["paid", "expired", "in_progress", "completed"])
async def test_a_step_that_is_not_allowed_names_those_that_are(service: RunningService, status: str) -> None:
    booking = await booked(service)
    answer = await put(service, booking, version=1, status=status, internal_notes="lost with the refusal")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "invalid_transition")
    assert answer.json()["allowed"] == ["confirmed", "cancelled"]
    assert await audits(service) == []


async def test_who_was_slower_is_told(service: RunningService) -> None:
    booking = await booked(service)
    await put(service, booking, version=1, internal_notes="first")
    answer = await put(service, booking, version=1, internal_notes="second")
    assert (answer.status_code, answer.json()["error_code"], answer.json()["version"]) == (409, "stale_version", 2)


async def test_cancelling_needs_a_reason(service: RunningService) -> None:
    booking = await booked(service)
    answer = await put(service, booking, version=1, status="cancelled", reason=" ")
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, ["reason"])


async def test_the_company_gives_everything_back(service: RunningService) -> None:
    booking = await booked(service, pickup_date="2026-11-24")
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    answer = await put(service, booking, version=2, status="cancelled", reason="The van broke down.")
    assert answer.json()["updated_booking"]["status"] == "cancelled"
    [cancelled] = await service.events(BookingCancelled)
    [wanted] = await service.events(RefundRequested)
    assert isinstance(cancelled, BookingCancelled)
    assert isinstance(wanted, RefundRequested)
    assert (cancelled.cancelled_by, cancelled.refund_cents, wanted.amount_cents) == ("staff", 111500, None)
    assert [entry.action_type for entry in await audits(service)] == ["booking_cancelled"]


async def test_permissions_are_checked(service: RunningService) -> None:
    booking = await booked(service)
    viewer = a_staff_member("view_bookings")
    assert (await put(service, booking, viewer, version=1, internal_notes="x")).status_code == 403
    assert (await get(service, caller=a_staff_member())).status_code == 403
    assert (await get(service, caller=a_customer())).status_code == 403
    assert (await get(service, f"/{booking['id']}/", Caller())).status_code == 401
    assert (await get(service, f"/{new_id()}/")).status_code == 404
    assert (await put(service, {"id": new_id()}, version=1)).status_code == 404
