"""The day's work for the office: crews, vans, the schedule, who moves what, run sheets and links for crews."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from shared.audit import StaffMember, member_of
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.fields import Day
from shared.http.idempotency import IdempotencyKey, OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page
from sqlalchemy import Row

from booking.api.answers import answer, answered_once
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
from booking.api.logistics_models import (
    AssignedAnswer,
    AssignmentBody,
    DaySummaryAnswer,
    RunSheetAnswer,
    ScheduleAnswer,
)
from booking.api.presenting import assignment_document
from booking.api.wanted_format import html_answer, wants_html
from booking.commands.assign_booking import AssignBooking
from booking.commands.keep_fleet import FleetKind, KeepResource
from booking.commands.record_report import RecordReport
from booking.domain.booking import Booking
from booking.pages.pages import Pages
from booking.queries.day import DayQueries, run_sheet, schedule_document, summary_of_day
from booking.queries.fleet import fleet_page, resource_document

WantedDay = Annotated[Day | None, Query(alias="date", description="A business date; today if it is left out.")]
PATH = "/api/staff/logistics"


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
        command = KeepResource(kind, None, body.model_dump(), staff, key)

        def document(added: Row[Any]) -> dict[str, Any]:
            return {kind: resource_document(kind, added)}

        return await answered_once(self._database, key, lambda: self._commands.execute(command), document, 201)

    async def change(self, kind: FleetKind, id: UUID, body: CrewChange | VanChange, staff: StaffMember) -> Response:
        """One as it is now."""
        changed = await self._commands.execute(KeepResource(kind, id, body.model_dump(exclude_unset=True), staff))
        return answer({kind: resource_document(kind, changed)})


def fleet_routes(fleet: Fleet) -> APIRouter:
    """Crews and vans."""
    router = APIRouter(prefix=PATH, tags=["Staff: logistics"])

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


def day_routes(days: DayQueries, today: Callable[[], date]) -> APIRouter:
    """The schedule of a day, and how full it is."""
    router = APIRouter(tags=["Staff: logistics"])

    @router.get(f"{PATH}/schedule/", response_model=ScheduleAnswer, summary="A day's stops")
    async def schedule(wanted: WantedDay = None, caller: Caller = access.staff("view_bookings")) -> Response:
        """By window, and within one in the order of `sequence`, which an assignment sets."""
        day = wanted or today()
        return answer(schedule_document(day, await days.moves(day)))

    @router.get(f"{PATH}/summary/", response_model=DaySummaryAnswer, summary="How full a day is")
    async def summary(wanted: WantedDay = None, caller: Caller = access.staff("view_bookings")) -> Response:
        """Bookings by status, what has no crew or no van yet, and how much each of them has to do."""
        day = wanted or today()
        return answer(summary_of_day(day, await days.moves(day)))

    return router


def run_sheet_routes(commands: Commands, days: DayQueries, pages: Pages, today: Callable[[], date]) -> APIRouter:
    """What is printed of a day."""
    router = APIRouter(tags=["Staff: logistics"])

    @router.get(
        f"{PATH}/run-sheet/",
        response_model=RunSheetAnswer,
        summary="A day's run sheet",
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    )
    async def print_run_sheet(
        request: Request,
        wanted: WantedDay = None,
        crew_id: UUID | None = None,
        format: Literal["json", "html"] | None = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> Response:
        """By crew: a page to print for browsers, JSON for others. That it was fetched is recorded."""
        if crew_id is not None and await days.crew(crew_id) is None:
            raise NotFound()
        day = wanted or today()
        details = {"date": str(day), "crew_id": str(crew_id) if crew_id else None}
        await commands.execute(RecordReport(member_of(caller), "run sheet", details))
        moves = await (days.moves(day) if crew_id is None else days.moves_of_crew(day, crew_id))
        sheet = run_sheet(day, moves)
        if format == "html" or (format is None and wants_html(request)):
            return html_answer(*pages.run_sheet(sheet))
        return answer(sheet)

    return router


def assignment_routes(commands: Commands) -> APIRouter:
    """Who moves a booking."""
    router = APIRouter(tags=["Staff: logistics"])

    @router.put(
        "/api/staff/bookings/{booking_id}/assignment/",
        response_model=AssignedAnswer,
        summary="Put a crew and a van on a booking",
        responses={409: {"description": "`van_conflict`, `van_required`, `stale_version` or `invalid_transition`"}},
    )
    async def assign(
        booking_id: UUID, body: AssignmentBody, caller: Caller = access.staff("manage_bookings")
    ) -> Response:
        """What is given changes; null takes off.

        A van can't be on two bookings whose windows overlap. Those without a preference of time go around the others,
        so they collide among themselves only. A crew may have several stops in one window, in the order of `sequence`.
        """
        command = AssignBooking(booking_id, member_of(caller), body.changes(), body.version)
        changed: Booking = await commands.execute(command)
        named = {"booking_id": changed.id, "booking_number": changed.booking_number, "version": changed.version}
        return answer({**named, "assignment": assignment_document(changed)})

    return router
