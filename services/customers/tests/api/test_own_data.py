from datetime import date, timedelta
from typing import Any

import pytest
from shared.contracts.booking import BookingCancelled, BookingCompleted, BookingCreated, BookingPaid
from shared.contracts.booking_state import BookingState
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member

from ..factories import BOOKED_AT, a_booking, a_refund, changed, post, register
from ..other_services import EVERYTHING, OtherServices

TODAY = date(2026, 11, 22)


async def get(service: RunningService, path: str, caller: Any) -> Any:
    async with service.as_caller(caller) as client:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def booked(service: RunningService, number: int, in_days: int, **values: Any) -> BookingState:
    booking = a_booking(
        booking_number=f"TT-20261101-{number:04d}",
        pickup_date=TODAY + timedelta(days=in_days),
        created_at=BOOKED_AT + timedelta(hours=number),
        **values,
    )
    await service.receive(BookingCreated(booking=booking))
    return booking


def numbers(bookings: list[dict[str, Any]]) -> list[int]:
    return [int(booking["booking_number"][-4:]) for booking in bookings]


async def test_the_dashboard_shows_the_latest_bookings_and_the_next_moves(
    service: RunningService, clock: MovableClock
) -> None:
    clock.now = BOOKED_AT.replace(day=23, hour=3)  # still the 22nd in New York
    me = a_customer(id=await register(service))
    for number, in_days in enumerate((30, -3, 5, 0, 60, 90)):
        await booked(service, number, in_days, customer_id=me.id)
    gone = await booked(service, 6, 7, customer_id=me.id)
    await service.receive(BookingCancelled(booking=changed(gone, status="cancelled")))
    await booked(service, 7, 1, customer_id=new_id())
    body = await get(service, "/api/customers/dashboard/", me)
    assert numbers(body["recent_bookings"]) == [6, 5, 4, 3, 2]
    assert numbers(body["upcoming_bookings"]) == [3, 2, 0, 4, 5]
    assert body["preferences"]["preferred_pickup_time"] == "morning"
    assert body["upcoming_bookings"][0]["total_price_dollars"] == 500


async def test_quick_actions_follow_from_where_things_stand(service: RunningService, clock: MovableClock) -> None:
    clock.now = BOOKED_AT
    me = a_customer(id=await register(service))
    body = await get(service, "/api/customers/dashboard/", me)
    assert [action["action"] for action in body["quick_actions"]] == ["verify_email", "book"]
    pending = await booked(service, 1, 5, customer_id=me.id)
    done = await booked(service, 2, 6, customer_id=me.id)
    await service.receive(BookingCompleted(booking=changed(done, status="completed")))
    actions = (await get(service, "/api/customers/dashboard/", me))["quick_actions"]
    about = {action["action"]: action["booking_id"] for action in actions}
    assert list(about) == ["pay", "verify_email", "view", "rebook", "book"]
    assert (about["pay"], about["view"], about["rebook"]) == (str(pending.id), str(pending.id), str(done.id))


async def test_the_export_holds_all_there_is_about_the_customer(service: RunningService, others: OtherServices) -> None:
    me, payment_id = a_customer(id=await register(service)), new_id()
    booking = await booked(service, 1, 5, customer_id=me.id)
    paid = changed(booking, status="paid")
    await service.receive(BookingPaid(booking=paid, payment_id=payment_id, paid_cents=50_000))
    await service.receive(a_refund(paid, payment_id, 20_000))
    home = {"nickname": "Home", "address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"}
    await post(service, "/api/customers/addresses/", home, me)
    message = {"name": "Ada", "email": "other@example.com", "message": "Do you move pianos?"}
    await post(service, "/api/customers/contact/", message, me)
    staff = a_staff_member("edit_customer_notes")
    async with service.as_caller(staff) as client:
        await client.put(f"/api/staff/customers/{me.id}/notes/", json={"notes": "Has a piano."})
    body = await get(service, "/api/customers/export/", me)
    assert body["account"]["user"]["email"] == "ada@example.com"
    assert [row["nickname"] for row in body["saved_addresses"]] == ["Home"]
    assert [row["amount_cents"] for row in body["payments"] + body["refunds"]] == [50_000, 20_000]
    assert [row["message"] for row in body["contact_messages"]] == ["Do you move pianos?"]
    assert [row["note"] for row in body["notes"]] == ["Has a piano."]
    assert numbers(body["bookings"]) == [1]
    assert str(staff.id) not in str(body)
    assert {name: body[name] for name in EVERYTHING} == EVERYTHING
    assert others.asked == {str(me.id)}


@pytest.mark.parametrize("away", ["booking", "payments", "notifications"])
async def test_a_part_of_the_data_is_not_given_as_all_of_it(
    service: RunningService, others: OtherServices, away: str
) -> None:
    me = a_customer(id=await register(service))
    others.away = {away}
    async with service.as_caller(me) as client:
        refused = await client.get("/api/customers/export/")
    assert (refused.status_code, refused.json()["error_code"]) == (503, "service_unavailable")
    assert refused.headers["Retry-After"] == "60"


async def test_nobody_exports_what_strangers_wrote_from_an_address_that_is_not_confirmed(
    service: RunningService,
) -> None:
    message = {"name": "Ada", "email": "ada@example.com", "message": "Do you move pianos?"}
    await post(service, "/api/customers/contact/", message)
    me = a_customer(id=await register(service))
    assert (await get(service, "/api/customers/export/", me))["contact_messages"] == []
