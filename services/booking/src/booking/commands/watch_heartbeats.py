"""Alerts about heartbeats that stopped and events that are parked, in any service.

A safety net that no longer runs, or a message that nobody handles, must not go unnoticed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.clock import Clock
from shared.commands import Commands
from shared.contracts.booking import AlertCleared, AlertRaised
from shared.db.engine import Database
from shared.db.tables import heartbeats
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Unavailable
from shared.heartbeats import is_missed
from shared.http.client import ServiceClient
from shared.ids import new_id
from shared.messaging.operations import given_up
from sqlalchemy import or_, select

from booking.adapters.tables import alerts

HEARTBEATS = "/internal/heartbeats/"
PARKED = "/internal/parked-events/"
BUDGET_SECONDS = 3.0
SILENT_LOOKS = 3
"""So many looks in a row without an answer make an alert of a service that is down."""

Answers = Mapping[str, Any]
"""Service → what it answered, null for one that did not."""

_OURS = or_(alerts.c.key.like("heartbeat:%"), alerts.c.key.like("parked:%"))
_OPEN = select(alerts.c.key).where(_OURS, alerts.c.cleared_at.is_(None))


@dataclass(frozen=True, slots=True)
class NoteTroubles:
    """What a look at all services found: `found` maps the keys of alerts to their sentences.

    Alerts whose keys begin with one of `unknown` (`heartbeat:payments`) stay as they are, since nobody knows.
    """

    found: Mapping[str, str]
    unknown: frozenset[str] = frozenset()


async def note_troubles(command: NoteTroubles, uow: UnitOfWork) -> None:
    """Raises an alert for each trouble that is new, and clears those of troubles that are over."""
    told = {row.key for row in await uow.fetch_all(_OPEN)}
    for key, message in command.found.items():
        if key not in told:
            uow.record(AlertRaised(alert_id=new_id(), key=key, severity="critical", message=message), 1)
    for key in told - set(command.found):
        if ":".join(key.split(":")[:2]) not in command.unknown:
            uow.record(AlertCleared(alert_id=new_id(), key=key), 1)


def watch_heartbeats(
    database: Database, commands: Commands, others: Mapping[str, ServiceClient], clock: Clock
) -> Callable[[], Awaitable[None]]:
    """The job: one look at this service and at all `others`."""
    silences = dict.fromkeys(others, 0)

    async def look() -> None:
        beats, parked = await asyncio.gather(_ask_all(others, HEARTBEATS), _ask_all(others, PARKED))
        stopped = {service: [beat["name"] for beat in page or () if beat["missed"]] for service, page in beats.items()}
        stopped["booking"] = await _stopped_here(database, clock())
        waiting = {**parked, "booking": await given_up(database)}
        found = {**_stopped_alerts(stopped), **_down_alerts(beats, silences), **_parked_alerts(waiting)}
        await commands.execute(NoteTroubles(found, _silent("heartbeat", beats) | _silent("parked", parked)))

    return look


async def _ask_all(services: Mapping[str, ServiceClient], path: str) -> Answers:
    answers = await asyncio.gather(*(_ask(service, path) for service in services.values()))
    return dict(zip(services, answers, strict=True))


async def _ask(service: ServiceClient, path: str) -> Any:
    try:
        answer = await service.get(path, BUDGET_SECONDS)
    except Unavailable:
        return None
    return answer.body if answer.status == 200 else None


async def _stopped_here(database: Database, now: datetime) -> list[str]:
    rows = await database.fetch_all(select(heartbeats))
    return [row.name for row in rows if is_missed(row, now)]


def _stopped_alerts(stopped: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {
        f"heartbeat:{service}:{name}": f"“{name}” of {service} has not run for too long."
        for service, names in stopped.items()
        for name in names
    }


def _down_alerts(beats: Answers, silences: dict[str, int]) -> dict[str, str]:
    """Alerts of services that have not answered for some looks. Counts the looks in `silences`."""
    for service, page in beats.items():
        silences[service] = silences[service] + 1 if page is None else 0
    down = [service for service, looks in silences.items() if looks >= SILENT_LOOKS]
    return {f"heartbeat:{service}:answer": f"The service {service} does not answer." for service in down}


def _parked_alerts(waiting: Answers) -> dict[str, str]:
    return {
        f"parked:{service}": f"Events of {service} are parked and wait for an operator."
        for service, page in waiting.items()
        if page and page["messages"] + page["events"] > 0
    }


def _silent(kind: str, answers: Answers) -> frozenset[str]:
    return frozenset(f"{kind}:{service}" for service, page in answers.items() if page is None)
