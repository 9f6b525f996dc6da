"""A small whole service, run as real processes: an HTTP request becomes an event, and the event becomes a row."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from shared.cli import service_cli
from shared.contracts.booking import AlertRaised
from shared.db.unit_of_work import UnitOfWork
from shared.http import access, client
from shared.http.fields import Body
from shared.http.identity import Caller
from shared.ids import new_id
from shared.service import Parts, Platform, Service
from shared.settings import ServiceSettings
from sqlalchemy import text

HOLD = 77
"""The lock by which a test holds up the handling of slow messages."""

WAIT_TO_BE_LET_GO = text(
    f"DO $$ BEGIN WHILE NOT pg_try_advisory_xact_lock_shared({HOLD}) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"
)
PATIENCE_SECONDS = 60


class Settings(ServiceSettings):
    """One knob of its own, and where it calls itself."""

    identity_private_key: str = Field("", description="Key for calls.")
    own_url: str = Field("", description="Its own API.")
    dying: bool = Field(False, description="One of its loops dies.")


class Alert(Body):
    """What a caller sends."""

    key: str


@dataclass(frozen=True)
class Raise:
    """The use case that records an event."""

    id: UUID
    key: str


@dataclass(frozen=True)
class Note:
    """What the event becomes."""

    key: str


async def raise_alert(command: Raise, uow: UnitOfWork) -> None:
    uow.record(AlertRaised(alert_id=command.id, key=command.key, message="Look."), 1)


async def note(command: Note, uow: UnitOfWork) -> None:
    if command.key.startswith("slow"):
        await uow.execute(text("SET LOCAL statement_timeout = 0"))
        await uow.execute(WAIT_TO_BE_LET_GO)
    await uow.execute(text("INSERT INTO effects (key) VALUES (:key)"), {"key": command.key})


class Dying:
    """A loop that ends by an error."""

    name = "dying"
    last_beat = 0.0

    async def run(self) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("this loop is over")

    def stop(self) -> None:
        return


def compose(platform: Platform[Settings]) -> Parts:
    commands = platform.commands({Raise: raise_alert, Note: note})
    router, settings = APIRouter(), platform.settings
    itself = platform.client("booking", settings.own_url, settings.identity_private_key)

    @router.post("/api/alerts/")
    async def create(body: Alert, caller: Caller = access.anyone()) -> dict[str, Any]:
        await commands.execute(Raise(new_id(), body.key))
        return {"asked": (await itself.get("/internal/ping/", PATIENCE_SECONDS)).status}

    @router.post("/api/again/")
    async def insert(body: Alert, caller: Caller = access.anyone()) -> None:
        await commands.execute(Note(body.key))

    @router.get("/internal/ping/")
    async def ping(caller: Caller = access.service("booking")) -> dict[str, bool]:
        return {"ok": True}

    handlers = {AlertRaised: lambda event: Note(event.key)}
    loops = [Dying()] if settings.dying else []
    return Parts(commands, [router], handlers, loops=loops, resources=[itself])


SERVICE = Service("booking", "Probe", Settings, compose, Path(__file__).parent / "versions")

if __name__ == "__main__":
    client.CONNECT_SECONDS = PATIENCE_SECONDS  # what stalls with the whole machine is no service that is away
    service_cli(SERVICE)()
