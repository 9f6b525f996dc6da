"""Whatever is sent, the answer is a 4xx that names a field, and never a fault of ours."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from shared.contracts.booking import BookingCreated
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import RunningService, a_customer, a_staff_member

from ..factories import a_customers_order, an_order

NONSENSE: tuple[Any, ...] = (
    None, True, -1, 0.5, 10**40, "", " ", "x" * 5000, "\x00", "\ud800", "９", "'; DROP TABLE bookings; --", [], {},
    [[]], {"a": 1}, ["x"],
)  # fmt: skip


def paths(value: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*prefix, name)
            yield from paths(inner, (*prefix, name))


def mangled(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in paths(body):
        for nonsense in NONSENSE:
            wrong = copy.deepcopy(body)
            inner: Any = wrong
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = nonsense
            yield wrong


async def answers(service: RunningService, caller: Caller, method: str, path: str, body: dict[str, Any]) -> list[Any]:
    async with service.as_caller(caller) as client:
        return [
            await client.request(method, path, content=_json(wrong), headers={"Content-Type": "application/json"})
            for wrong in mangled(body)
        ]


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def assert_no_fault(found: list[Any]) -> None:
    for answer in found:
        assert answer.status_code < 500, answer.text
        if answer.status_code == 400:
            assert answer.json()["field_errors"]


async def test_nonsense_in_orders_is_told_by_field(service: RunningService) -> None:
    order = an_order(quote_token="x", item_description="x", special_instructions="x")
    found = await answers(service, Caller(), "POST", "/api/bookings/guest-booking/", order)
    assert_no_fault(found)
    without_token = [answer for answer in found if answer.status_code == 201]
    assert len(await service.events(BookingCreated)) == len(without_token) == 1


async def test_nonsense_in_customers_orders_is_told_by_field(service: RunningService) -> None:
    order = a_customers_order(expected_total_cents=1)
    order["addresses"]["pickup"] |= {"saved_address_id": str(new_id()), "save_as": "Home"}
    assert_no_fault(await answers(service, a_customer(), "POST", "/api/customers/bookings/create/", order))


async def test_nonsense_in_previews_is_told_by_field(service: RunningService) -> None:
    item = {"service_type": "specialty_item", "specialty_items": [{"item_type": "crib", "quantity": 1}]}
    move = {
        "service_type": "mini_move", "package_id": str(new_id()), "package_type": "petite", "item_count": 3,
        "is_same_day": False, "pickup_date": "2026-11-30", "pickup_time": "morning", "specific_pickup_hour": None,
        "coi_required": True, "pickup_zip": "10001", "pickup_state": "NY", "discount_code": "X",
    }  # fmt: skip
    for body in (item, move):
        assert_no_fault(await answers(service, Caller(), "POST", "/api/bookings/pricing-preview/", body))


async def test_nonsense_from_staff_is_told_by_field(service: RunningService) -> None:
    async with service.as_caller() as client:
        booking = (await client.post("/api/bookings/guest-booking/", json=an_order())).json()["booking"]
    change = {"version": 1, "status": "confirmed", "reason": "x", "special_instructions": "x", "internal_notes": "x"}
    staff = a_staff_member("view_bookings", "manage_bookings")
    assert_no_fault(await answers(service, staff, "PUT", f"/api/staff/bookings/{booking['id']}/", change))


async def test_nonsense_in_addresses_of_pages_is_told_by_field(service: RunningService) -> None:
    staff = a_staff_member("view_bookings")
    queries = ("page=0", "page=x", "page_size=0", "pickup_date=%00", "status=%ff", "service_type=[]", "pickup_date=1e9")
    async with service.as_caller(staff) as client:
        found = [await client.get(f"/api/staff/bookings/?{query}") for query in queries]
        found.append(await client.get("/api/staff/bookings/not-an-id/"))
    assert {answer.status_code for answer in found} == {400}
    assert_no_fault(found)
