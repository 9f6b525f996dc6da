"""Moving a booking to another day, by its customer, the holder of its token, and staff."""

from datetime import timedelta
from typing import Any

from booking.adapters.sales_tables import capacity_days
from shared.contracts.booking import BookingRescheduled, BookingUpdated, RefundRequested
from shared.contracts.customers import AuditRecorded
from shared.contracts.payments import PaymentSucceeded, RefundSucceeded
from shared.http.identity import Caller
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from sqlalchemy import select

from ..factories import a_customers_order, a_payment, a_refund, an_order
from ..other_services import OtherServices

PATH = "/api/customers/bookings"
KEY = "3f1c2b5e-0000-4000-8000-000000000009"
WEEKDAY, SATURDAY, TUESDAY = "2026-12-02", "2026-12-05", "2026-12-08"
"""Saturdays cost deliveries $50 more."""

ON_SATURDAY = 5_000
FEE = 5_000
DELIVERY = {"service_type": "standard_delivery", "package_type": ..., "item_count": 3}


async def booked(service: RunningService, customer: Caller, **details: Any) -> dict[str, Any]:
    order = a_customers_order(details={**DELIVERY, "pickup_date": WEEKDAY, **details})
    async with service.as_caller(customer) as client:
        body: dict[str, Any] = (await client.post(f"{PATH}/create/", json=order)).json()["booking"]
    return body


async def paid(service: RunningService, customer: Caller, **details: Any) -> dict[str, Any]:
    booking = await booked(service, customer, **details)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    return booking


async def move(service: RunningService, caller: Caller, booking: Any, day: str, key: str = "", **query: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"pickup_date": day, "pickup_time": "morning"}
    async with service.as_caller(caller, **headers) as client:
        return await client.post(f"{PATH}/{booking['id']}/reschedule/", json=body, params=query)


async def read(service: RunningService, caller: Caller, booking: Any) -> Any:
    async with service.as_caller(caller) as client:
        return (await client.get(f"{PATH}/{booking['id']}/")).json()


async def used(service: RunningService) -> dict[str, int]:
    rows = await service.database.fetch_all(select(capacity_days).where(capacity_days.c.used > 0))
    return {row.day.isoformat(): row.used for row in rows}


async def test_a_preview_says_what_it_costs_and_changes_nothing(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    answer = (await move(service, ada, booking, SATURDAY, preview="true")).json()
    total = booking["total_price_cents"] + ON_SATURDAY
    assert answer["change"] == {
        "new_total_cents": total, "new_total_dollars": total // 100, "difference_cents": ON_SATURDAY,
        "fee_cents": 0, "refund_cents": 0, "due_cents": ON_SATURDAY,
    }  # fmt: skip
    assert (await read(service, ada, booking))["booking_details"]["pickup_date"] == WEEKDAY
    assert await used(service) == {WEEKDAY: 1}


async def test_an_unpaid_booking_gets_its_new_price_and_a_new_intent(
    service: RunningService, others: OtherServices
) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    answer = (await move(service, ada, booking, SATURDAY)).json()
    total = booking["total_price_cents"] + ON_SATURDAY
    assert answer["updated_booking"]["total_price_cents"] == answer["payment_intent"]["amount_cents"] == total
    assert answer["updated_booking"]["window_start"] == "2026-12-05T13:00:00Z"
    assert await used(service) == {SATURDAY: 1}
    [told] = await service.events(BookingRescheduled)
    assert isinstance(told, BookingRescheduled)
    assert (told.previous_pickup_date.isoformat(), told.difference_cents, told.booking.version) == (
        WEEKDAY, ON_SATURDAY, 2
    )  # fmt: skip


async def test_a_dearer_day_of_a_paid_booking_is_an_adjustment_to_pay(
    service: RunningService, others: OtherServices
) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    answer = (await move(service, ada, booking, SATURDAY)).json()
    assert answer["payment_intent"]["amount_cents"] == answer["change"]["due_cents"] == ON_SATURDAY
    extra = a_payment(booking, purpose="adjustment:1", amount_cents=ON_SATURDAY, captured_cents=ON_SATURDAY)
    for _ in range(2):
        await service.receive(PaymentSucceeded(payment=extra))
    [told] = await service.events(BookingUpdated)
    assert isinstance(told, BookingUpdated)
    assert told.booking.paid_cents == told.booking.total_cents == booking["total_price_cents"] + ON_SATURDAY
    assert [one.status for one in told.booking.adjustments] == ["paid"]


async def test_a_cheaper_day_of_a_paid_booking_gives_the_difference_back(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada, pickup_date=SATURDAY)
    answer = (await move(service, ada, booking, TUESDAY)).json()
    assert (answer["change"]["refund_cents"], answer["payment_intent"]) == (ON_SATURDAY, None)
    assert "payment_error" not in answer
    [wanted] = await service.events(RefundRequested)
    assert isinstance(wanted, RefundRequested)
    assert wanted.amount_cents == ON_SATURDAY
    [told] = await service.events(BookingRescheduled)
    assert isinstance(told, BookingRescheduled)
    assert told.refund_cents == ON_SATURDAY


async def test_there_and_back_owes_and_returns_nothing(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    await move(service, ada, booking, SATURDAY)
    back = (await move(service, ada, booking, WEEKDAY)).json()
    assert (back["change"]["due_cents"], back["change"]["refund_cents"]) == (0, 0)
    told = (await service.events(BookingRescheduled))[-1]
    assert isinstance(told, BookingRescheduled)
    assert [one.status for one in told.booking.adjustments] == ["void"]
    assert (told.difference_cents, told.refund_cents) == (-ON_SATURDAY, 0)


async def test_a_payment_for_a_change_that_was_changed_again_goes_back(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    await move(service, ada, booking, SATURDAY)
    await move(service, ada, booking, WEEKDAY)
    extra = a_payment(booking, purpose="adjustment:1", amount_cents=ON_SATURDAY, captured_cents=ON_SATURDAY)
    for _ in range(2):
        await service.receive(PaymentSucceeded(payment=extra))
    [wanted] = await service.events(RefundRequested)
    assert isinstance(wanted, RefundRequested)
    assert (wanted.payment_id, wanted.amount_cents) == (extra.id, None)
    [told] = await service.events(BookingUpdated)
    assert isinstance(told, BookingUpdated)
    for event in (wanted, told):
        assert event.booking.paid_cents == booking["total_price_cents"] + ON_SATURDAY, "copies follow what is told"


async def test_a_late_change_costs_the_fee(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = clock.now.replace(month=12, day=1)
    change = (await move(service, ada, booking, TUESDAY)).json()["change"]
    assert (change["fee_cents"], change["due_cents"], change["difference_cents"]) == (FEE, FEE, FEE)


async def test_the_fee_begins_just_after_forty_eight_hours(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    clock.now = clock.now.replace(day=30, hour=13, minute=0)
    assert (await move(service, ada, booking, TUESDAY, preview="true")).json()["change"]["fee_cents"] == 0
    clock.now += timedelta(seconds=1)
    assert (await move(service, ada, booking, TUESDAY, preview="true")).json()["change"]["fee_cents"] == FEE


async def test_a_payment_of_the_former_price_counts_and_the_difference_is_settled(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    await move(service, ada, booking, SATURDAY)
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    body = await read(service, ada, booking)
    assert body["booking_details"]["status"] == "paid"
    change = (await move(service, ada, booking, WEEKDAY, preview="true")).json()["change"]
    assert (change["due_cents"], change["refund_cents"]) == (0, 0)


async def test_a_repeated_request_gives_the_first_answer_again(service: RunningService, others: OtherServices) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    first, again = [await move(service, ada, booking, SATURDAY, KEY) for _ in range(2)]
    assert again.headers["Idempotency-Replayed"] == "true"
    bodies = [answer.json() for answer in (first, again)]
    assert all(body["payment_intent"].pop("client_secret") for body in bodies)
    assert bodies[0] == bodies[1]
    assert len(await service.events(BookingRescheduled)) == 1


async def test_the_same_slot_wrong_days_and_strangers_are_refused(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    for day in (WEEKDAY, "2026-11-22", "2028-01-01"):
        answer = await move(service, ada, booking, day)
        assert (answer.status_code, list(answer.json()["field_errors"])) == (400, ["pickup_date"])
    assert (await move(service, a_customer(), booking, SATURDAY)).status_code == 404


async def test_what_is_not_named_of_a_slot_stays(service: RunningService) -> None:
    ada, path = a_customer(), f"{PATH}/%s/reschedule/"
    window = {"pickup_time": "morning_specific", "specific_pickup_hour": 9}
    booking = await paid(service, ada, service_type="mini_move", package_type="standard", item_count=2, **window)
    slots = []
    async with service.as_caller(ada) as client:
        for wanted in ({"pickup_date": TUESDAY}, {"specific_pickup_hour": 11}, {"pickup_time": "morning"}):
            answer = (await client.post(path % booking["id"], json=wanted)).json()
            moved = answer["updated_booking"]
            slots.append([moved[name] for name in ("pickup_date", "pickup_time", "specific_pickup_hour")])
            refunded = answer["change"]["refund_cents"]
        nothing = await client.post(path % booking["id"], json={})
    assert slots == [[TUESDAY, "morning_specific", hour] for hour in (9, 11)] + [[TUESDAY, "morning", None]]
    assert refunded == 17_500
    assert (nothing.status_code, list(nothing.json()["field_errors"])) == (400, ["pickup_date"])


async def test_what_is_over_stays_where_it_was(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    async with service.as_caller(ada) as client:
        await client.post(f"{PATH}/{booking['id']}/cancel/")
    answer = await move(service, ada, booking, SATURDAY)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "cannot_reschedule")
    assert await used(service) == {}


async def test_the_holder_of_the_token_moves_a_guests_booking(service: RunningService) -> None:
    async with service.as_caller() as client:
        body = (await client.post("/api/bookings/guest-booking/", json=an_order())).json()
        path = f"/api/bookings/booking-status/{body['booking']['booking_number']}/reschedule/"
        slot = {"pickup_date": SATURDAY, "pickup_time": "morning"}
        assert (await client.post(path, json=slot)).status_code == 404
        assert (await client.post(path, json=slot | {"manage_token": body["manage_token"]})).status_code == 200


async def test_staff_waive_the_fee_and_are_recorded(service: RunningService, clock: MovableClock) -> None:
    ada, sam = a_customer(), a_staff_member("manage_bookings")
    booking = await paid(service, ada)
    clock.now = clock.now.replace(month=12, day=1)
    body = {"pickup_date": TUESDAY, "pickup_time": "morning", "waive_fee": True, "reason": "Snow."}
    async with service.as_caller(sam) as client:
        answer = await client.post(f"/api/staff/bookings/{booking['id']}/reschedule/", json=body)
    assert answer.json()["change"]["fee_cents"] == 0
    [entry] = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.staff_id, entry.action_type) == (sam.id, "booking_updated")
    last = (await read(service, ada, booking))["status_history"][-1]
    assert (last["changed_by"], last["reason"], last["rescheduled_to"]) == ("staff", "Snow.", TUESDAY)


async def test_a_cancellation_refunds_every_payment_of_the_booking(service: RunningService) -> None:
    ada = a_customer()
    booking = await booked(service, ada)
    first = a_payment(booking)
    await service.receive(PaymentSucceeded(payment=first))
    await move(service, ada, booking, SATURDAY)
    extra = a_payment(booking, purpose="adjustment:1", amount_cents=ON_SATURDAY, captured_cents=ON_SATURDAY)
    await service.receive(PaymentSucceeded(payment=extra))
    async with service.as_caller(ada) as client:
        refund = (await client.post(f"{PATH}/{booking['id']}/cancel/")).json()["refund"]
    assert refund["refund_cents"] == booking["total_price_cents"] + ON_SATURDAY
    wanted = [event for event in await service.events(RefundRequested) if isinstance(event, RefundRequested)]
    assert {(one.payment_id, one.amount_cents) for one in wanted} == {(first.id, None), (extra.id, None)}


async def test_a_late_cancellation_halves_what_is_left(service: RunningService, clock: MovableClock) -> None:
    ada = a_customer()
    booking = await booked(service, ada, pickup_date=SATURDAY)
    payment = a_payment(booking)
    await service.receive(PaymentSucceeded(payment=payment))
    await move(service, ada, booking, TUESDAY)
    [asked] = await service.events(RefundRequested)
    assert isinstance(asked, RefundRequested)
    back = a_refund(payment, amount_cents=ON_SATURDAY, request_id=asked.request_id)
    left = payment.model_copy(update={"version": 4, "refunded_cents": ON_SATURDAY, "status": "partially_refunded"})
    await service.receive(RefundSucceeded(refund=back, payment=left))
    clock.now = clock.now.replace(month=12, day=7, hour=12)
    async with service.as_caller(ada) as client:
        refund = (await client.post(f"{PATH}/{booking['id']}/cancel/")).json()["refund"]
    assert refund["refund_cents"] == (booking["total_price_cents"] - ON_SATURDAY) // 2
