"""`GET /api/staff/reports/bookings/`."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from shared.audit import member_of
from shared.clock import Clock, business_date
from shared.commands import Commands
from shared.errors import Invalid
from shared.http import access
from shared.http.answers import answer
from shared.http.csv import AS_CSV_TOO, csv_answer, each
from shared.http.fields import Day
from shared.http.identity import Caller
from shared.money import dollars
from sqlalchemy import Row

from booking.api.models import Dollars
from booking.commands.record_report import RecordReport
from booking.queries.reports import Reports

LONGEST_SPAN = 366
"""Days of one report: a year, and the same day of the next."""

COLUMNS = (
    "day", "service_type", "status", "bookings", "total_price_cents", "total_price_dollars", "paid_cents",
    "paid_dollars",
)  # fmt: skip


class SumAnswer(BaseModel):
    """Some bookings, what they cost, and what was paid for them."""

    bookings: int
    total_price_cents: int
    total_price_dollars: Dollars
    paid_cents: int
    paid_dollars: Dollars


class ReportRowAnswer(SumAnswer):
    """The bookings of one type and one status on one day."""

    day: date
    service_type: str
    status: str


class BookingsReportAnswer(BaseModel):
    """Bookings of a span of days, both ends included, whose days are those of `date_field`."""

    date_from: date
    date_to: date
    date_field: Literal["pickup_date", "created_at"]
    results: list[ReportRowAnswer]
    by_status: dict[str, SumAnswer]
    by_service_type: dict[str, SumAnswer]
    totals: SumAnswer


def report_routes(commands: Commands, reports: Reports, clock: Clock, timezone: ZoneInfo) -> APIRouter:
    """Reports for the bookkeeper."""
    router = APIRouter(prefix="/api/staff/reports", tags=["Staff: reports"])

    @router.get(
        "/bookings/",
        response_model=BookingsReportAnswer,
        summary="Bookings per day",
        responses=AS_CSV_TOO,
    )
    async def report_bookings(
        first: Annotated[Day | None, Query(alias="from", description="The first day; 30 days ago if left out.")] = None,
        last: Annotated[Day | None, Query(alias="to", description="The last day; today if left out.")] = None,
        date_field: Literal["pickup_date", "created_at"] = "pickup_date",
        format: Literal["json", "csv"] = "json",
        caller: Caller = access.staff("view_reports"),
    ) -> Response:
        """Bookings per business day, service type and status, with totals; a year at most. That it was fetched is
        recorded."""
        begins, ends = _span(first, last, business_date(clock(), timezone))
        details = {"from": begins.isoformat(), "to": ends.isoformat(), "date_field": date_field, "format": format}
        await commands.execute(RecordReport(member_of(caller), "bookings report", details))
        rows = await reports.bookings(begins, ends, date_field == "created_at")
        if format == "csv":
            name = f"bookings-{begins}-{ends}.csv"
            return await csv_answer(name, COLUMNS, each([_row(row)[column] for column in COLUMNS] for row in rows))
        return answer({"date_from": begins, "date_to": ends, "date_field": date_field, **_summed(rows)})

    return router


def _span(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    ends = last or today
    begins = first or ends - timedelta(days=30)
    if begins > ends:
        raise Invalid({"from": ["Must not be after the last day."]})
    if (ends - begins).days >= LONGEST_SPAN:
        raise Invalid({"to": [f"A report covers {LONGEST_SPAN} days at most."]})
    return begins, ends


def _summed(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    return {
        "results": [_row(row) for row in rows],
        "by_status": _grouped(rows, "status"),
        "by_service_type": _grouped(rows, "service_type"),
        "totals": _sum(rows),
    }


def _grouped(rows: Sequence[Row[Any]], name: str) -> dict[str, Any]:
    groups: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return {group: _sum(members) for group, members in groups.items()}


def _row(row: Row[Any]) -> dict[str, Any]:
    return {"day": row.day, "service_type": row.service_type, "status": row.status, **_sum([row])}


def _sum(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    total = sum(row.total_price_cents for row in rows)
    paid = sum(row.paid_cents for row in rows)
    return {
        "bookings": sum(row.bookings for row in rows),
        "total_price_cents": total,
        "total_price_dollars": dollars(total),
        "paid_cents": paid,
        "paid_dollars": dollars(paid),
    }
