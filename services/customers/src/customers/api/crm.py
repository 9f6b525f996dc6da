"""The office's view of all customers: figures, segments, the report on customers."""

from enum import Enum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from shared.audit import member_of
from shared.clock import Clock, day_begins, day_ends
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Invalid
from shared.http import access
from shared.http.csv import AS_CSV_TOO, csv_answer
from shared.http.fields import Day
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from customers.api import crm_answers, presenting_crm
from customers.commands.note_report import NoteReport
from customers.domain.segments import SegmentCode
from customers.queries.crm import crm_summary, everybody_in, segment_page, segment_sizes
from customers.queries.customers_report import customers_report, every_line

CRM_TAGS: list[str | Enum] = ["Staff: CRM"]
REPORT_TAGS: list[str | Enum] = ["Staff: reports"]
Format = Literal["json", "csv"]


def routes(database: Database, commands: Commands, clock: Clock, zone: ZoneInfo) -> APIRouter:
    """The router; `zone` is the business time zone, which days and months are of."""
    crm, reports = (APIRouter(prefix="/api/staff", tags=tags) for tags in (CRM_TAGS, REPORT_TAGS))
    _add_figures(crm, database, commands, clock, zone)
    _add_segment(crm, database, commands, clock)
    _add_report(reports, database, commands, zone)
    router = APIRouter()
    router.include_router(crm)
    router.include_router(reports)
    return router


def _add_figures(router: APIRouter, database: Database, commands: Commands, clock: Clock, zone: ZoneInfo) -> None:
    @router.get(
        "/crm/summary/",
        response_model=crm_answers.CrmSummary,
        operation_id="get_crm_summary",
        summary="All customers in figures",
    )
    async def summary(caller: Caller = access.staff("view_reports")) -> dict[str, Any]:
        """Customers, repeat rate, lifetime value, new ones of the last twelve months, and by service."""
        await commands.execute(NoteReport(member_of(caller), "CRM summary"))
        return presenting_crm.summary(await crm_summary(database, clock(), zone))

    @router.get(
        "/crm/segments/",
        response_model=crm_answers.Segments,
        operation_id="list_segments",
        summary="Groups of customers",
    )
    async def segments(_: Caller = access.staff("view_reports")) -> dict[str, Any]:
        """New, repeat, VIP and lapsed customers, and guests who never registered."""
        return presenting_crm.segments(await segment_sizes(database, clock()))


def _add_segment(router: APIRouter, database: Database, commands: Commands, clock: Clock) -> None:
    @router.get(
        "/crm/segments/{code}/customers/",
        response_model=crm_answers.ContactPage,
        operation_id="list_segment_members",
        responses=AS_CSV_TOO,
        summary="The people of a group",
    )
    async def members(
        request: Request,
        code: SegmentCode,
        format: Format = "json",
        page: Page = Depends(wanted_page),
        caller: Caller = access.staff("view_reports"),
    ) -> Any:
        """Who spent most first; `format=csv` gives all of them."""
        await commands.execute(NoteReport(member_of(caller), f"CRM segment {code}"))
        if format == "csv":
            lines = (presenting_crm.contact_line(row) async for row in everybody_in(database, code, clock()))
            return await csv_answer(f"segment-{code}.csv", presenting_crm.CONTACT_COLUMNS, lines)
        rows, count = await segment_page(database, code, clock(), page)
        return paged(request, page, [presenting_crm.contact(row) for row in rows], count)


def _add_report(router: APIRouter, database: Database, commands: Commands, zone: ZoneInfo) -> None:
    @router.get(
        "/reports/customers/",
        response_model=crm_answers.CustomersReport,
        operation_id="report_customers",
        responses=AS_CSV_TOO,
        summary="What customers brought in",
    )
    async def report(
        request: Request,
        since: Annotated[Day, Query(alias="from")],
        until: Annotated[Day, Query(alias="to")],
        format: Format = "json",
        page: Page = Depends(wanted_page),
        caller: Caller = access.staff("view_reports"),
    ) -> Any:
        """Bookings, payments and refunds of business days, both included, by customer and guest."""
        if until < since:
            raise Invalid({"to": ["Must not be before `from`."]})
        await commands.execute(NoteReport(member_of(caller), f"Customers {since} to {until}"))
        begins, ends = day_begins(since, zone), day_ends(until, zone)
        if format == "csv":
            lines = (presenting_crm.report_cells(row) async for row in every_line(database, begins, ends))
            return await csv_answer(f"customers-{since}-{until}.csv", presenting_crm.LINE_COLUMNS, lines)
        totals, rows = await customers_report(database, begins, ends, page)
        listed = paged(request, page, [presenting_crm.report_line(row) for row in rows], totals.people)
        period = {"from": since, "to": until}
        return {"period": period, "totals": presenting_crm.report_totals(totals), **listed}
