"""Reports for bookkeepers, as JSON and as tables for spreadsheets; each look at one is in the audit log."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Invalid
from shared.http import access
from shared.http.csv import AS_CSV_TOO, csv_answer, each
from shared.http.fields import Day
from shared.http.identity import Caller

from payments.commands.audit_staff import AuditStaff
from payments.queries import reports
from payments.queries.reports import Days

Format = Literal["json", "csv"]
LONGEST_DAYS = 366


class StatementAccount(BaseModel):
    """One account over the day, in cents; debits are positive. The closing balances of all accounts sum to zero."""

    account: str
    opening_cents: int
    debit_cents: int
    credit_cents: int
    closing_cents: int


class StatementEntry(BaseModel):
    """One side of a booked fact."""

    id: int
    booked_at: datetime
    fact: str
    account: str
    amount_cents: int
    payment_id: UUID | None
    booking_number: str


class Statement(BaseModel):
    """The ledger of one business day."""

    date: date
    accounts: list[StatementAccount]
    entries: list[StatementEntry]
    payouts_cents: int
    balanced: bool


class RevenueRow(BaseModel):
    """One day and kind of service; `net_cents` is what was charged without what was refunded."""

    date: date
    service_type: str
    payments: int
    charged_cents: int
    refunded_cents: int
    net_cents: int
    net_dollars: float


class Revenue(BaseModel):
    """Revenue by day and kind of service."""

    results: list[RevenueRow]
    totals: dict[str, int]


class TaxRow(BaseModel):
    """One day; `net_cents` is the tax that is owed of it."""

    date: date
    collected_cents: int
    refunded_cents: int
    net_cents: int
    net_dollars: float


class Tax(BaseModel):
    """The sales tax on packing and unpacking, by day."""

    results: list[TaxRow]
    totals: dict[str, int]


def routes(commands: Commands, database: Database, zone: ZoneInfo) -> APIRouter:
    """`/api/staff/payments/statement/`, `/api/staff/reports/revenue/`, `/api/staff/reports/tax/`."""
    router = APIRouter(prefix="/api/staff", tags=["Staff: reports"])

    @router.get(
        "/payments/statement/",
        response_model=Statement,
        operation_id="get_statement",
        summary="The ledger of a day",
        responses=AS_CSV_TOO,
    )
    async def statement(
        day: Annotated[Day, Query(alias="date")],
        format: Format = "json",
        caller: Caller = access.staff("view_reports"),
    ) -> Any:
        """Every account with what it held, gained and lost on a business day, and every entry, payouts among them."""
        await _audit(commands, caller, f"Statement of {day}.")
        told = await reports.statement(database, Days(day, day, zone))
        if format == "csv":
            return await _csv(f"statement-{day}.csv", reports.STATEMENT_COLUMNS, told["entries"])
        return told

    _add_report(router, commands, zone, "revenue", Revenue, reports.REVENUE_COLUMNS, _of(database, reports.revenue))
    _add_report(router, commands, zone, "tax", Tax, reports.TAX_COLUMNS, _of(database, reports.tax))
    return router


Ask = Callable[[Days], Awaitable[list[dict[str, Any]]]]


def _of(database: Database, report: Callable[[Database, Days], Awaitable[list[dict[str, Any]]]]) -> Ask:
    return lambda days: report(database, days)


def _add_report(
    router: APIRouter,
    commands: Commands,
    zone: ZoneInfo,
    name: str,
    model: type[BaseModel],
    columns: Sequence[str],
    ask: Ask,
) -> None:
    @router.get(
        f"/reports/{name}/",
        response_model=model,
        operation_id=f"report_{name}",
        responses=AS_CSV_TOO,
        summary=f"{name.capitalize()} by day",
        description=(model.__doc__ or "") + " At most 366 days at once.",
    )
    async def report(
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
        format: Format = "json",
        caller: Caller = access.staff("view_reports"),
    ) -> Any:
        if not timedelta(0) <= last - first < timedelta(days=LONGEST_DAYS):
            raise Invalid({"to": [f"Must be at most {LONGEST_DAYS} days from the first day, and not before it."]})
        await _audit(commands, caller, f"Report on {name} from {first} to {last}.")
        rows = await ask(Days(first, last, zone))
        if format == "csv":
            return await _csv(f"{name}-{first}-{last}.csv", columns, rows)
        return {"results": rows, "totals": reports.totals(rows, columns)}


async def _audit(commands: Commands, caller: Caller, description: str) -> None:
    await commands.execute(AuditStaff(caller, "report_generated", description))


async def _csv(filename: str, columns: Sequence[str], rows: list[dict[str, Any]]) -> Response:
    return await csv_answer(filename, columns, each([row[name] for name in columns] for row in rows))
