"""Crews and vans are kept by the office."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from shared.contracts.customers import AuditRecorded
from shared.http.identity import Caller
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_customer, a_staff_member

SAM = a_staff_member("view_bookings", "manage_bookings")
PATH = "/api/staff/logistics"
NORTH = {"name": "North", "members": ["Bo Lind"], "phone": "(212) 555-0199"}
VAN = {"name": "Van 1", "plate": "NY 1234", "capacity": 480}


async def call(
    service: RunningService, method: str, path: str, body: Any = None, caller: Caller = SAM, **headers: str
) -> Any:
    async with service.as_caller(caller, **headers) as client:
        return await client.request(method, f"{PATH}{path}", json=body)


async def test_a_crew_is_added_changed_and_listed(service: RunningService) -> None:
    added = (await call(service, "POST", "/crews/", NORTH)).json()["crew"]
    assert (added["phone"], added["is_active"]) == ("+12125550199", True)
    changed = await call(service, "PUT", f"/crews/{added['id']}/", {"name": "South", "is_active": False})
    crew = changed.json()["crew"]
    assert (crew["members"], crew["phone"], crew["is_active"]) == (["Bo Lind"], "+12125550199", False)
    renamed = (await call(service, "PUT", f"/crews/{added['id']}/", {"members": []})).json()["crew"]
    assert (renamed["name"], renamed["members"], renamed["is_active"]) == ("South", [], False)
    await call(service, "POST", "/crews/", {"name": "East"})
    listed = (await call(service, "GET", "/crews/")).json()
    active = (await call(service, "GET", "/crews/?is_active=true")).json()
    assert ([one["name"] for one in listed["results"]], listed["count"]) == (["East", "South"], 2)
    assert [one["name"] for one in active["results"]] == ["East"]


async def test_a_van_is_added_changed_and_listed(service: RunningService) -> None:
    added = (await call(service, "POST", "/vans/", VAN)).json()["van"]
    changed = await call(service, "PUT", f"/vans/{added['id']}/", {**VAN, "capacity": None})
    assert (changed.status_code, changed.json()["van"]["capacity"]) == (200, None)
    assert (await call(service, "GET", "/vans/")).json()["results"] == [changed.json()["van"]]
    resting = await call(service, "PUT", f"/vans/{added['id']}/", {"is_active": False})
    assert (resting.json()["van"]["plate"], resting.json()["van"]["is_active"]) == ("NY 1234", False)
    assert (await call(service, "PUT", f"/vans/{added['id']}/", {"plate": None})).status_code == 400


@pytest.mark.parametrize(("path", "body"), [("/crews/", NORTH), ("/vans/", VAN)])
async def test_a_change_is_dated(service: RunningService, clock: MovableClock, path: str, body: Any) -> None:
    [added] = (await call(service, "POST", path, body)).json().values()
    clock.now += timedelta(hours=1)
    [changed] = (await call(service, "PUT", f"{path}{added['id']}/", {**body, "name": "Other"})).json().values()
    assert (changed["created_at"], changed["updated_at"]) == (added["created_at"], "2026-11-23T16:00:00Z")


async def test_names_and_plates_are_unique_whatever_their_case(service: RunningService) -> None:
    await call(service, "POST", "/vans/", VAN)
    other = (await call(service, "POST", "/vans/", {"name": "Van 2", "plate": "NY 9"})).json()["van"]
    answers = [
        await call(service, "POST", "/vans/", {"name": "VAN 1", "plate": "NY 2"}),
        await call(service, "POST", "/vans/", {"name": "Van 3", "plate": "ny 1234"}),
        await call(service, "PUT", f"/vans/{other['id']}/", {"name": "van 1", "plate": "NY 9"}),
    ]
    assert [(one.status_code, one.json()["error_code"]) for one in answers] == [(409, "already_exists")] * 3


async def test_a_key_adds_one_crew(service: RunningService) -> None:
    key = {"Idempotency-Key": "k" * 20}
    answers = await asyncio.gather(*(call(service, "POST", "/crews/", NORTH, **key) for _ in range(4)))
    assert {(answer.status_code, answer.json()["crew"]["id"]) for answer in answers} == {
        (201, answers[0].json()["crew"]["id"])
    }
    assert (await call(service, "GET", "/crews/")).json()["count"] == 1


async def test_each_change_is_recorded_without_people(service: RunningService) -> None:
    crew = (await call(service, "POST", "/crews/", NORTH)).json()["crew"]
    await call(service, "PUT", f"/crews/{crew['id']}/", {**NORTH, "is_active": False})
    entries = [event for event in await service.events(AuditRecorded) if isinstance(event, AuditRecorded)]
    assert [entry.description for entry in entries] == ["Added crew North.", "Changed crew North."]
    assert {entry.action_type for entry in entries} == {"operations_changed"}
    assert (entries[1].before or {})["is_active"] is True
    assert "Bo Lind" not in str(entries)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/crews/", {"name": " "}, "name"),
        ("/crews/", {"name": "x" * 51}, "name"),
        ("/crews/", {"name": "N", "members": ["ok", "two\nlines"]}, "members.1"),
        ("/crews/", {"name": "N", "phone": "12"}, "phone"),
        ("/crews/", {"name": "N", "is_active": "yes"}, "is_active"),
        ("/vans/", {"name": "V"}, "plate"),
        ("/vans/", {"name": "V", "plate": "P", "capacity": 0}, "capacity"),
        ("/vans/", {"name": "V", "plate": "P", "wheels": 4}, "wheels"),
    ],
)
async def test_what_is_wrong_is_named(service: RunningService, path: str, body: Any, field: str) -> None:
    answer = await call(service, "POST", path, body)
    assert answer.status_code == 400
    assert list(answer.json()["field_errors"]) == [field]


async def test_permissions_are_checked(service: RunningService) -> None:
    viewer = a_staff_member("view_bookings")
    for path, body in (("crews", NORTH), ("vans", VAN)):
        assert (await call(service, "POST", f"/{path}/", body, viewer)).status_code == 403
        assert (await call(service, "PUT", f"/{path}/{new_id()}/", body, viewer)).status_code == 403
        assert (await call(service, "PUT", f"/{path}/{new_id()}/", body)).status_code == 404
        assert (await call(service, "GET", f"/{path}/", caller=a_staff_member())).status_code == 403
        assert (await call(service, "GET", f"/{path}/", caller=a_customer())).status_code == 403
        assert (await call(service, "GET", f"/{path}/", caller=Caller())).status_code == 401
