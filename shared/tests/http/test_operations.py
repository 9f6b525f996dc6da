"""What administrators see of a service, and do with what it could not handle."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from shared.contracts.customers import AuditRecorded
from shared.db.tables import heartbeats
from shared.heartbeats import is_missed
from shared.http.identity import Caller
from shared.ids import new_id
from shared.messaging.parking import get_parked, list_parked, park
from shared.testing.service import RunningService, a_customer, a_service, a_staff_member

ADMIN = a_staff_member("manage_operations")
PARKED = "/operations/parked-events/"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def parked_in(service: RunningService) -> Any:
    await park(service.database, b'{"id": "1", "type": "booking.paid.v1"}', {"x-attempt": 5}, "no good", 5)
    (row,) = await list_parked(service.database)
    return row


async def ask(service: RunningService, method: str, path: str, body: object = None, caller: Caller = ADMIN) -> Any:
    async with service.as_caller(caller) as client:
        return await client.request(method, path, json=body)


def beat(every: int, succeeded: timedelta | None, expected: timedelta = timedelta(days=9)) -> Any:
    last = None if succeeded is None else NOW - succeeded
    return SimpleNamespace(every_seconds=every, last_success_at=last, expected_since=NOW - expected)


@pytest.mark.parametrize(
    ("row", "missed"),
    [
        (beat(30, timedelta(seconds=149)), False),
        (beat(30, timedelta(seconds=151)), True),
        (beat(86400, timedelta(days=3)), False),
        (beat(86400, timedelta(days=3, seconds=61)), True),
        (beat(30, None, timedelta(seconds=151)), True),
        (beat(30, None, timedelta(seconds=149)), False),
    ],
)
def test_three_silent_turns_are_a_missed_beat(row: Any, missed: bool) -> None:
    assert is_missed(row, NOW) is missed


async def test_a_job_that_stopped_long_ago_is_told(service: RunningService) -> None:
    week = datetime.now(UTC) - timedelta(days=7)
    await service.put(heartbeats, name="reconcile", kind="job", every_seconds=60, last_success_at=week)
    answer = await ask(service, "GET", "/internal/heartbeats/", caller=a_service())
    assert [(row["name"], row["missed"]) for row in answer.json()] == [("reconcile", True)]


async def test_a_job_that_never_succeeded_is_told_however_often_it_is_tried(service: RunningService) -> None:
    now, week = datetime.now(UTC), datetime.now(UTC) - timedelta(days=7)
    tried = {"last_started_at": now, "last_error": "no", "last_error_at": now, "expected_since": week}
    await service.put(heartbeats, name="reconcile", kind="job", every_seconds=60, **tried)
    await service.put(heartbeats, name="relay", kind="loop", every_seconds=60, expected_since=week)
    await service.put(heartbeats, name="young", kind="loop", every_seconds=60)
    answer = await ask(service, "GET", "/internal/heartbeats/", caller=a_service())
    beats = {row["name"]: row["missed"] for row in answer.json()}
    assert beats == {"reconcile": True, "relay": True, "young": False}


async def test_services_learn_how_much_is_parked(service: RunningService) -> None:
    await parked_in(service)
    answer = await ask(service, "GET", "/internal/parked-events/", caller=a_service())
    assert (answer.status_code, answer.json()) == (200, {"messages": 1, "events": 0})
    assert (await ask(service, "GET", "/internal/parked-events/", caller=ADMIN)).status_code == 403


@pytest.mark.parametrize(("caller", "status"), [(Caller(), 401), (a_customer(), 403), (a_staff_member(), 403)])
async def test_only_administrators_see_and_do(service: RunningService, caller: Caller, status: int) -> None:
    row = await parked_in(service)
    for path in ("/operations/heartbeats/", PARKED, f"{PARKED}{row.id}/"):
        assert (await ask(service, "GET", path, caller=caller)).status_code == status
    dropping = {"action": "drop", "reason": "Why not."}
    assert (await ask(service, "POST", f"{PARKED}{row.id}/", dropping, caller)).status_code == status
    assert (await get_parked(service.database, row.id)).resolved_at is None


async def test_a_parked_event_is_listed_and_shown_whole(service: RunningService) -> None:
    row = await parked_in(service)
    page = (await ask(service, "GET", PARKED)).json()
    assert (page["count"], page["results"][0]["type"], page["results"][0]["error"]) == (1, "booking.paid.v1", "no good")
    shown = (await ask(service, "GET", f"{PARKED}{row.id}/")).json()
    assert shown["body"] == '{"id": "1", "type": "booking.paid.v1"}'
    assert (await ask(service, "GET", f"{PARKED}{new_id()}/")).status_code == 404


async def test_dropping_needs_a_reason_and_is_audited_once(service: RunningService) -> None:
    row = await parked_in(service)
    path = f"{PARKED}{row.id}/"
    refused = await ask(service, "POST", path, {"action": "drop"})
    assert (refused.status_code, list(refused.json()["field_errors"])) == (400, ["reason"])
    statuses = [(await ask(service, "POST", path, {"action": "drop", "reason": "A test."})).status_code for _ in "ab"]
    assert statuses == [200, 404]
    (entry,) = await service.events(AuditRecorded)
    assert isinstance(entry, AuditRecorded)
    assert (entry.staff_id, entry.action_type) == (ADMIN.id, "operations_changed")
    assert "A test." in entry.description


async def test_a_retry_without_a_broker_says_to_come_back_and_loses_nothing(service: RunningService) -> None:
    row = await parked_in(service)
    answer = await ask(service, "POST", f"{PARKED}{row.id}/", {"action": "retry"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (await get_parked(service.database, row.id)).resolved_at is None
