"""The day's work for the office: the schedule, who moves what, and run sheets."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from shared.audit import member_of
from shared.commands import Commands
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Day
from shared.http.identity import Caller

from booking.api.day_documents import run_sheet, schedule_document, summary_of_day
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
from booking.commands.record_report import RecordReport
from booking.domain.booking import Booking
from booking.pages.pages import Pages
from booking.queries.day import DayQueries

WantedDay = Annotated[Day | None, Query(alias="date", description="A business date; today if it is left out.")]
PATH = "/api/staff/logistics"


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
