"""Changes whose answers were lost stand, whatever is refused by the time they are asked for again."""

from shared.contracts.booking import BookingCreated, BookingRescheduled, RefundRequested
from shared.testing.service import RunningService, a_customer, a_staff_member
from shared.testing.waiting import wait_until_async

from .test_order_keys import break_off
from .test_selling import KEY, PATH, SWITCHES, paid, paused_for, post


async def test_a_move_stands_though_booking_is_paused_by_now(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    path, slot = f"{PATH}/{booking['id']}/reschedule/", {"pickup_date": "2026-12-09", "pickup_time": "morning"}
    first = await post(service, path, slot, ada, KEY)
    await break_off(service)
    async with service.as_caller(a_staff_member("manage_operations")) as client:
        await client.put(SWITCHES, json={"scope": "all", "paused": True, "message": "Snow."})
    await wait_until_async(paused_for(service), what="the pause")
    again = await post(service, path, slot, ada, KEY)
    assert (again.status_code, again.json()["change"]) == (200, first.json()["change"])
    assert len(await service.events(BookingRescheduled)) == 1
    other = await post(service, path, slot | {"pickup_date": "2026-12-10"}, ada)
    assert (other.status_code, other.json()["error_code"]) == (503, "booking_paused")


async def test_a_move_booked_again_stands_though_the_first_was_cancelled(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    path, body = f"{PATH}/{booking['id']}/rebook/", {"pickup_date": "2026-12-09"}
    first = await post(service, path, body, ada, KEY)
    await break_off(service)
    await post(service, f"{PATH}/{booking['id']}/cancel/", {}, ada)
    again = await post(service, path, body, ada, KEY)
    assert again.status_code == 201, again.text
    assert again.json()["new_booking"]["id"] == first.json()["new_booking"]["id"]
    assert len(await service.events(BookingCreated)) == 2


async def test_a_cancellation_stands_though_there_is_nothing_to_cancel_by_now(service: RunningService) -> None:
    ada = a_customer()
    booking = await paid(service, ada)
    path, body = f"{PATH}/{booking['id']}/cancel/", {"reason": "We stay."}
    first = await post(service, path, body, ada, KEY)
    await break_off(service)
    again = await post(service, path, body, ada, KEY)
    assert (again.status_code, again.json()["refund"]) == (200, first.json()["refund"])
    assert len(await service.events(RefundRequested)) == 1
