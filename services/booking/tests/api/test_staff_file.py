"""A booking's file has all that is known of it."""

import asyncio
from datetime import timedelta
from typing import Any

from shared.contracts.notifications import MessageFailed, MessageSent, MessageState
from shared.contracts.payments import DisputeClosed, DisputeOpened, DisputeState, PaymentSucceeded
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_staff_member

from ..factories import NOW, a_payment, an_order

SAM = a_staff_member("view_bookings", "manage_bookings")


async def booked(service: RunningService) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.post("/api/bookings/guest-booking/", json=an_order())
    body: dict[str, Any] = answer.json()["booking"]
    return body


async def file_of(service: RunningService, booking: Any) -> Any:
    async with service.as_caller(SAM) as client:
        return (await client.get(f"/api/staff/bookings/{booking['id']}/")).json()


def a_message(booking: Any, **values: Any) -> MessageState:
    defaults: dict[str, Any] = {
        "id": new_id(), "version": 2, "kind": "booking_received", "channel": "email", "status": "sent",
        "subject": "We have your booking", "booking_id": booking["id"], "sent_at": NOW,
    }  # fmt: skip
    return MessageState(**{**defaults, **values})


async def test_messages_about_it_are_listed_as_they_are_now(service: RunningService) -> None:
    booking = await booked(service)
    message = a_message(booking)
    late = message.model_copy(update={"version": 1, "status": "failed"})
    await service.receive(MessageSent(message=message))
    await service.receive(MessageFailed(message=late))
    await service.receive(MessageSent(message=a_message({"id": str(new_id())})))
    [shown] = (await file_of(service, booking))["notifications"]
    assert (shown["kind"], shown["status"], shown["subject"]) == ("booking_received", "sent", "We have your booking")


async def test_disputes_are_listed_as_they_are_now(service: RunningService) -> None:
    booking = await booked(service)
    payment = a_payment(booking)
    dispute = DisputeState(
        id=new_id(), version=1, payment_id=payment.id, booking_id=payment.booking_id, amount_cents=111_500,
        booking_number=booking["booking_number"], status="open", reason="fraudulent", opened_at=NOW,
    )  # fmt: skip
    won = dispute.model_copy(update={"version": 2, "status": "won", "closed_at": NOW + timedelta(days=9)})
    await service.receive(DisputeClosed(dispute=won))
    await service.receive(DisputeOpened(dispute=dispute))
    [shown] = (await file_of(service, booking))["disputes"]
    assert (shown["status"], shown["amount_dollars"], shown["reason"]) == ("won", 1115, "fraudulent")


async def test_the_quote_that_it_was_booked_at_is_kept(service: RunningService) -> None:
    file = await file_of(service, await booked(service))
    [quote] = file["quotes"]
    assert (quote["occasion"], quote["total_cents"], quote["catalog_version"]) == ("booked", 111_500, 1)
    assert quote["override_cents"] is None
    assert file["complete_booking_details"]["pricing"]["explanations"][0]["sentence"]
    assert file["assignment"] is None


async def test_the_activity_begins_with_the_newest(service: RunningService, clock: MovableClock) -> None:
    booking = await booked(service)
    clock.now += timedelta(minutes=5)
    payment = a_payment(booking, created_at=NOW + timedelta(minutes=1), processed_at=NOW + timedelta(minutes=4))
    await service.receive(PaymentSucceeded(payment=payment))
    await service.receive(MessageSent(message=a_message(booking, sent_at=NOW + timedelta(minutes=9))))
    file = await file_of(service, booking)
    assert [(one["kind"], one["description"]) for one in file["activity"]] == [
        ("message", "E-mail “We have your booking” sent."),
        ("status", "Paid."),
        ("payment", "Payment of $1,115.00 succeeded."),
        ("status", "Booked by the guest."),
    ]


async def test_the_activity_tells_of_another_day_and_of_another_window(
    service: RunningService, clock: MovableClock
) -> None:
    booking = await booked(service)
    async with service.as_caller(SAM) as client:
        for change in ({"pickup_date": "2026-12-03"}, {"pickup_time": "no_time_preference"}):
            clock.now += timedelta(minutes=1)
            answer = await client.post(f"/api/staff/bookings/{booking['id']}/reschedule/", json=change)
            assert answer.status_code == 200, answer.text
    told = [one["description"] for one in (await file_of(service, booking))["activity"]]
    assert told == [
        "Moved to another window on 2026-12-03 by staff.",
        f"Moved from {booking['pickup_date']} to 2026-12-03 by staff.",
        "Booked by the guest.",
    ]


async def test_of_two_who_change_it_at_once_one_is_told(service: RunningService) -> None:
    booking = await booked(service)

    async def note(text: str) -> Any:
        async with service.as_caller(SAM) as client:
            change = {"version": 1, "internal_notes": text}
            return await client.put(f"/api/staff/bookings/{booking['id']}/", json=change)

    answers = await asyncio.gather(*(note(f"by {name}") for name in ("Sam", "Max", "Kim")))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    [won] = [answer for answer in answers if answer.status_code == 200]
    kept = (await file_of(service, booking))["internal_notes"]
    assert kept == won.json()["updated_booking"]["internal_notes"]
    assert {answer.json()["error_code"] for answer in answers if answer is not won} == {"stale_version"}


async def test_the_history_says_who_when_and_why(service: RunningService) -> None:
    booking = await booked(service)
    async with service.as_caller(SAM) as client:
        change = {"version": 1, "status": "confirmed", "reason": "Pays on the day."}
        await client.put(f"/api/staff/bookings/{booking['id']}/", json=change)
    last = (await file_of(service, booking))["status_history"][-1]
    assert (last["from_status"], last["to_status"], last["reason"]) == ("pending", "confirmed", "Pays on the day.")
    assert (last["changed_by"], last["changed_by_id"]) == ("staff", str(SAM.id))
