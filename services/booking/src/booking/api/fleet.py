"""Crews and vans, for the office."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from shared.audit import StaffMember, member_of
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.answers import answer, answered_once
from shared.http.idempotency import IdempotencyKey, OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from booking.api.fleet_models import (
    CrewAnswer,
    CrewBody,
    CrewChange,
    CrewsAnswer,
    VanAnswer,
    VanBody,
    VanChange,
    VansAnswer,
)
from booking.commands.keep_fleet import FleetKind, KeepResource
from booking.queries.fleet import fleet_page, resource_document


class Fleet:
    """Crews and vans: listed, added and changed alike."""

    def __init__(self, database: Database, commands: Commands) -> None:
        self._database = database
        self._commands = commands

    async def listed(self, request: Request, kind: FleetKind, is_active: bool | None, page: Page) -> Response:
        """A page of them."""
        rows, count = await fleet_page(self._database, kind, is_active, page)
        return answer(paged(request, page, [resource_document(kind, row) for row in rows], count))

    async def add(
        self, kind: FleetKind, body: CrewBody | VanBody, staff: StaffMember, key: IdempotencyKey | None
    ) -> Response:
        """A new one; the first answer again for a key used before."""

        async def work() -> dict[str, Any]:
            added = await self._commands.execute(KeepResource(kind, None, body.model_dump(), staff, key))
            return {kind: resource_document(kind, added)}

        return await answered_once(self._database, key, work, 201)

    async def change(self, kind: FleetKind, id: UUID, body: CrewChange | VanChange, staff: StaffMember) -> Response:
        """One as it is now."""
        changed = await self._commands.execute(KeepResource(kind, id, body.model_dump(exclude_unset=True), staff))
        return answer({kind: resource_document(kind, changed)})


def fleet_routes(fleet: Fleet) -> APIRouter:
    """Crews and vans."""
    router = APIRouter(prefix="/api/staff/logistics", tags=["Staff: logistics"])

    @router.get("/crews/", response_model=CrewsAnswer, summary="All crews")
    async def list_crews(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        is_active: bool | None = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> Response:
        """By name."""
        return await fleet.listed(request, "crew", is_active, page)

    @router.post("/crews/", response_model=CrewAnswer, status_code=201, summary="Add a crew")
    async def add_crew(body: CrewBody, key: OptionalKey, caller: Caller = access.staff("manage_bookings")) -> Response:
        """409 `already_exists` if another crew has its name."""
        return await fleet.add("crew", body, member_of(caller), key)

    @router.put("/crews/{crew_id}/", response_model=CrewAnswer, summary="Change a crew")
    async def change_crew(
        crew_id: UUID, body: CrewChange, caller: Caller = access.staff("manage_bookings")
    ) -> Response:
        """A crew that is not active keeps its bookings, gets no new ones, and its links end."""
        return await fleet.change("crew", crew_id, body, member_of(caller))

    @router.get("/vans/", response_model=VansAnswer, summary="All vans")
    async def list_vans(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        is_active: bool | None = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> Response:
        """By name."""
        return await fleet.listed(request, "van", is_active, page)

    @router.post("/vans/", response_model=VanAnswer, status_code=201, summary="Add a van")
    async def add_van(body: VanBody, key: OptionalKey, caller: Caller = access.staff("manage_bookings")) -> Response:
        """409 `already_exists` if another van has its name or plate."""
        return await fleet.add("van", body, member_of(caller), key)

    @router.put("/vans/{van_id}/", response_model=VanAnswer, summary="Change a van")
    async def change_van(van_id: UUID, body: VanChange, caller: Caller = access.staff("manage_bookings")) -> Response:
        """A van that is not active keeps its bookings and gets no new ones."""
        return await fleet.change("van", van_id, body, member_of(caller))

    return router
