"""What operators see of a service: its heartbeats, whether its books are right, and messages that it could not handle.

The gateway merges `/operations/…` of all services and has no route there by itself; each service checks on its own that
the caller may see them. The one that watches over all looks at heartbeats, and whether anything is parked, under
`/internal/…`.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints
from sqlalchemy import Row, select

from shared.clock import Clock, utc_now
from shared.db.engine import Database
from shared.db.tables import heartbeats
from shared.errors import NotFound
from shared.heartbeats import is_missed
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Body, Instant, Text
from shared.http.identity import Caller
from shared.invariants import Prove
from shared.messaging.operations import given_up, retry_parked
from shared.messaging.parking import get_parked, list_parked, parked_count
from shared.messaging.resolving import NoteOperation, ResolveParked, note_operation, resolve_parked
from shared.service import Platform

PERMISSION = "manage_operations"
WATCHER = "booking"
"""The service that raises alerts about the others."""

MOST_LISTED = 100


class ParkedAction(Body):
    """What becomes of a parked message; a dropped one needs a reason."""

    action: Literal["retry", "drop"]
    reason: Annotated[Text, StringConstraints(max_length=500)] = ""


def operations_routes(platform: Platform[Any], prove: Prove) -> APIRouter:
    """Heartbeats, invariants and parked events for administrators, and what another service may know of them."""
    router = APIRouter(include_in_schema=False)
    _add_heartbeats(router, platform.database)
    _add_parked(router, platform)
    _add_invariants(router, prove, platform.clock)
    return router


def _add_heartbeats(router: APIRouter, database: Database) -> None:
    async def beats() -> Response:
        now = utc_now()
        rows = await database.fetch_all(select(heartbeats).order_by(heartbeats.c.name))
        return answer([_beat(row) | {"missed": is_missed(row, now)} for row in rows])

    @router.get("/operations/heartbeats/")
    async def for_staff(caller: Caller = access.staff(PERMISSION)) -> Response:
        return await beats()

    @router.get("/internal/heartbeats/")
    async def for_services(caller: Caller = access.service(WATCHER)) -> Response:
        return await beats()


def _add_parked(router: APIRouter, platform: Platform[Any]) -> None:
    database = platform.database
    commands = platform.commands({NoteOperation: note_operation, ResolveParked: resolve_parked})

    @router.get("/operations/parked-events/")
    async def parked_events(caller: Caller = access.staff(PERMISSION)) -> Response:
        rows = await list_parked(database, MOST_LISTED)
        return answer({"count": await parked_count(database), "results": [_parked(row) for row in rows]})

    @router.get("/internal/parked-events/")
    async def parked_for_services(caller: Caller = access.service(WATCHER)) -> Response:
        return answer(await given_up(database))

    @router.get("/operations/parked-events/{message_id}/")
    async def parked_event(message_id: UUID, caller: Caller = access.staff(PERMISSION)) -> Response:
        row = await get_parked(database, message_id)
        if row is None:
            raise NotFound("There is no such parked event.")
        body = bytes(row.body).decode("utf-8", "replace")
        return answer(_parked(row) | {"body": body, "headers": row.headers, "resolution": row.resolution})

    @router.post("/operations/parked-events/{message_id}/")
    async def act(message_id: UUID, body: ParkedAction, caller: Caller = access.staff(PERMISSION)) -> Response:
        if body.action == "drop":
            await commands.execute(ResolveParked(message_id, body.reason, platform.name, caller))
            return answer({"message": "The event was dropped."})
        await commands.execute(NoteOperation(f"Parked event {message_id} of {platform.name} is tried again", caller))
        if not await retry_parked(database, platform.settings.rabbitmq_url, platform.name, message_id):
            raise NotFound("There is no such parked event.")
        return answer({"message": "The event was put back into the queue."})


def _add_invariants(router: APIRouter, prove: Prove, clock: Clock) -> None:
    @router.get("/operations/invariants/")
    async def invariants(at: Instant | None = None, caller: Caller = access.staff(PERMISSION)) -> Response:
        """As of `at`, so that all services tell of the same moment; as of now without it."""
        return answer(await prove(at or clock()))


def _beat(row: Row[Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row._mapping.items()}


def _parked(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "event_id", "type", "error", "attempts", "first_seen_at", "last_seen_at", "resolved_at")
    return {name: row._mapping[name] for name in names}
