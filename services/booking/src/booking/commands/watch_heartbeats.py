"""Alerts about heartbeats that stopped, in any service: a safety net that no longer runs must not go unnoticed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
from sqlalchemy import select

from booking.adapters.tables import alerts

PATH = "/internal/heartbeats/"
BUDGET_SECONDS = 3.0
SILENT_LOOKS = 3
"""So many looks in a row without an answer make an alert of a service that is down."""

_OPEN = select(alerts.c.key).where(alerts.c.key.like("heartbeat:%"), alerts.c.cleared_at.is_(None))


@dataclass(frozen=True, slots=True)
class NoteHeartbeats:
    """What a look at all services found: `missed` maps the keys of alerts to their sentences.

    Alerts of services in `silent` stay as they are, since nobody knows how they are.
    """

    missed: Mapping[str, str]
    silent: frozenset[str] = frozenset()


async def note_heartbeats(command: NoteHeartbeats, uow: UnitOfWork) -> None:
    """Raises an alert for each beat that is newly missed, and clears those of beats that are back."""
    told = {row.key for row in await uow.fetch_all(_OPEN)}
    for key, message in command.missed.items():
        if key not in told:
            uow.record(AlertRaised(alert_id=new_id(), key=key, severity="critical", message=message), 1)
    for key in told - set(command.missed):
        if key.split(":")[1] not in command.silent:
            uow.record(AlertCleared(alert_id=new_id(), key=key), 1)


def watch_heartbeats(
    database: Database, commands: Commands, others: Mapping[str, ServiceClient], clock: Clock
) -> Callable[[], Awaitable[None]]:
    """The job: one look at this service's heartbeats and at those of all `others`."""
    silences = dict.fromkeys(others, 0)

    async def look() -> None:
        found = dict(zip(others, await asyncio.gather(*map(_missed_in, others.values())), strict=True))
        missed = {**await _missed_here(database, clock()), **_down(found, silences)}
        for service, names in found.items():
            missed |= _told(service, names or ())
        silent = frozenset(service for service, names in found.items() if names is None)
        await commands.execute(NoteHeartbeats(missed, silent))

    return look


async def _missed_here(database: Database, now: datetime) -> dict[str, str]:
    rows = await database.fetch_all(select(heartbeats))
    return _told("booking", [row.name for row in rows if is_missed(row, now)])


async def _missed_in(service: ServiceClient) -> Sequence[str] | None:
    """The names of another service's missed beats; null if it does not answer."""
    try:
        answer = await service.get(PATH, BUDGET_SECONDS)
    except Unavailable:
        return None
    return [str(beat["name"]) for beat in answer.body if beat["missed"]] if answer.status == 200 else None


def _down(found: Mapping[str, Sequence[str] | None], silences: dict[str, int]) -> dict[str, str]:
    """Alerts of services that have not answered for some looks. Counts the looks in `silences`."""
    for service, names in found.items():
        silences[service] = silences[service] + 1 if names is None else 0
    down = [service for service, looks in silences.items() if looks >= SILENT_LOOKS]
    return {f"heartbeat:{service}:answer": f"The service {service} does not answer." for service in down}


def _told(service: str, names: Sequence[str]) -> dict[str, str]:
    return {f"heartbeat:{service}:{name}": f"“{name}” of {service} has not run for too long." for name in names}
