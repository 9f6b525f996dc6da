"""What is free, what is paused, booking again, and old prices computed anew."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from shared.contracts.catalog import CatalogPublished
from shared.contracts.customers import AuditRecorded
from shared.contracts.payments import PaymentSucceeded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member
from shared.testing.waiting import wait_until_async

from ..factories import a_customers_order, a_payment, an_order, dearer_catalog, with_policies
from ..other_services import OtherServices

GUEST = "/api/bookings/guest-booking/"
PATH = "/api/customers/bookings"
SWITCHES = "/api/staff/ops/switches/"
AVAILABILITY = "/api/bookings/availability/"
KEY = "3f1c2b5e-0000-4000-8000-000000000008"


@pytest.fixture
def few_places(others: OtherServices) -> None:
    places = {"mini_move": 4, "standard_delivery": 40, "specialty_item": 12}
    others.catalog = with_policies(daily_capacity=places, blackout_dates=["2026-12-25"]).model_dump(mode="json")


async def post(service: RunningService, path: str, body: Any, caller: Caller = Caller(), key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    async with service.as_caller(caller, **headers) as client:
        return await client.post(path, json=body)


async def paid(service: RunningService, customer: Caller, **details: Any) -> dict[str, Any]:
    booking = (await post(service, f"{PATH}/create/", a_customers_order(details=details), customer)).json()["booking"]
    await service.receive(PaymentSucceeded(payment=a_payment(booking)))
    return dict(booking)


async def days(service: RunningService, **query: str) -> dict[str, Any]:
    async with service.as_caller() as client:
        answer = await client.get(AVAILABILITY, params=query)
    return {day["date"]: day for day in answer.json()["days"]}


async def test_days_are_open_limited_and_full(few_places: None, service: RunningService) -> None:
    seen = []
    for _ in range(4):
        await post(service, GUEST, an_order(details={"pickup_date": "2026-12-05"}))
        span = {"from": "2026-12-05", "to": "2026-12-05"}
        seen.append((await days(service, **span, service_type="mini_move"))["2026-12-05"]["status"])
    assert seen == ["open", "open", "limited", "full"]
    assert (await days(service, **span))["2026-12-05"]["status"] == "open"


async def test_a_day_shows_its_windows_and_surcharges(few_places: None, service: RunningService) -> None:
    found = await days(service, **{"from": "2026-12-05", "to": "2026-12-05"}, service_type="standard_delivery")
    day = found["2026-12-05"]
    assert day["windows"][0] == {
        "pickup_time": "morning", "specific_pickup_hour": None,
        "start": "2026-12-05T13:00:00Z", "end": "2026-12-05T16:00:00Z",
    }  # fmt: skip
    assert [window["specific_pickup_hour"] for window in day["windows"][2:]] == list(range(8, 19))
    assert [(one["type"], one["fixed_amount_cents"]) for one in day["surcharges"]] == [("weekend", 5000)]


async def test_closed_days_and_past_windows_are_not_offered(
    few_places: None, service: RunningService, clock: MovableClock
) -> None:
    found = await days(service, **{"from": "2026-11-22", "to": "2026-11-24"}, service_type="mini_move")
    assert [found[day]["status"] for day in ("2026-11-22", "2026-11-23")] == ["full", "open"]
    hours = [window["specific_pickup_hour"] for window in found["2026-11-23"]["windows"]]
    assert 9 not in hours
    assert 10 in hours
    christmas = await days(service, **{"from": "2026-12-25", "to": "2026-12-25"}, service_type="mini_move")
    assert (christmas["2026-12-25"]["status"], christmas["2026-12-25"]["windows"]) == ("full", [])


async def test_by_default_the_next_month_is_shown_and_at_most_a_quarter(service: RunningService) -> None:
    assert len(await days(service)) == 31
    async with service.as_caller() as client:
        for wrong in ({"from": "2026-12-02", "to": "2026-12-01"}, {"from": "2026-12-01", "to": "2027-03-03"}):
            answer = await client.get(AVAILABILITY, params=wrong)
            assert (answer.status_code, list(answer.json()["field_errors"])) == (400, ["to"])


def paused_for(service: RunningService, **details: Any) -> Callable[[], Awaitable[bool]]:
    async def is_paused() -> bool:
        answer = await post(service, GUEST, an_order(details=details))
        return answer.status_code == 503 and answer.json()["error_code"] == "booking_paused"

    return is_paused


@pytest.mark.parametrize("scope", ["all", "mini_move", "2026-11-30"])
async def test_a_pause_stops_guests_and_customers_until_it_ends(service: RunningService, scope: str) -> None:
    admin = a_staff_member("manage_operations")
    async with service.as_caller(admin) as client:
        body = (await client.put(SWITCHES, json={"scope": scope, "paused": True, "message": "Snow."})).json()
        assert [(one["scope"], one["message"]) for one in body["pauses"]] == [(scope, "Snow.")]
        await wait_until_async(paused_for(service), what="the pause")
        answer = await post(service, f"{PATH}/create/", a_customers_order(), a_customer())
        assert (answer.status_code, answer.json()["error"]) == (503, "Snow.")
        assert (await client.put(SWITCHES, json={"scope": scope, "paused": False})).json() == {"pauses": []}

    async def goes_on() -> bool:
        return (await post(service, GUEST, an_order())).status_code == 201

    await wait_until_async(goes_on, what="the end of the pause")
    entries = [event for event in await service.events(AuditRecorded) if isinstance(event, AuditRecorded)]
    assert [(entry.staff_id, (entry.after or {})["message"]) for entry in entries] == [
        (admin.id, "Snow."), (admin.id, None)
    ]  # fmt: skip
    assert {entry.action_type for entry in entries} == {"operations_changed"}


async def test_switches_are_for_administrators(service: RunningService) -> None:
    async with service.as_caller(a_staff_member("manage_bookings")) as client:
        assert (await client.get(SWITCHES)).status_code == 403
    async with service.as_caller(a_staff_member("manage_operations")) as client:
        answer = await client.put(SWITCHES, json={"scope": "tuesdays", "paused": True})
    assert answer.status_code == 400


async def test_a_paid_move_is_booked_again_at_todays_prices(service: RunningService) -> None:
    ada = a_customer(first_name="Grace")
    booking = await paid(service, ada)
    await service.receive(CatalogPublished(catalog=dearer_catalog()))
    body, path = {"pickup_date": "2026-12-09"}, f"{PATH}/{booking['id']}/rebook/"

    async def dearer() -> bool:
        again = (await post(service, path, body, ada)).json()["new_booking"]
        return bool(again["total_price_cents"] == booking["total_price_cents"] + 10_000)

    await wait_until_async(dearer, what="the dearer price")
    first, again = [await post(service, path, body, ada, KEY) for _ in range(2)]
    assert (first.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    new = first.json()["new_booking"]
    assert (new["pickup_time"], new["customer_name"], new["id"]) == (
        "morning", "Grace Byron", again.json()["new_booking"]["id"]
    )  # fmt: skip
    assert first.json()["payment_intent"]["client_secret"]


async def test_what_was_not_paid_or_is_not_ones_own_is_not_booked_again(service: RunningService) -> None:
    ada = a_customer()
    booking = (await post(service, f"{PATH}/create/", a_customers_order(), ada)).json()["booking"]
    path, body = f"{PATH}/{booking['id']}/rebook/", {"pickup_date": "2026-12-09"}
    answer = await post(service, path, body, ada)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "cannot_rebook")
    assert (await post(service, path, body, a_customer())).status_code == 404


async def test_an_old_price_is_computed_anew_to_the_cent(service: RunningService, clock: MovableClock) -> None:
    ada, sam = a_customer(), a_staff_member("view_bookings")
    booking = await paid(service, ada, include_packing=True, pickup_date="2026-12-02")
    await service.receive(CatalogPublished(catalog=dearer_catalog()))
    clock.now = clock.now.replace(month=12, day=1)
    for day, total in (("", booking["total_price_cents"]), ("2026-12-05", booking["total_price_cents"] + 5000)):
        if day:
            slot = {"pickup_date": day, "pickup_time": "morning"}
            await post(service, f"{PATH}/{booking['id']}/reschedule/", slot, ada)
        async with service.as_caller(sam) as client:
            replay = (await client.get(f"/api/staff/bookings/{booking['id']}/price/replay/")).json()
        assert (replay["stored_total_cents"], replay["replayed_total_cents"]) == (total, total)
        assert (replay["agrees"], replay["catalog_version"]) == (True, 1)
    assert replay["occasion"] == "rescheduled"


async def test_an_unknown_booking_has_no_price(service: RunningService) -> None:
    async with service.as_caller(a_staff_member("view_bookings")) as client:
        assert (await client.get(f"/api/staff/bookings/{new_id()}/price/replay/")).status_code == 404
