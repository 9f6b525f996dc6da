"""The office's list of bookings, as pages and as a table to download."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from shared.audit import member_of
from shared.commands import Commands
from shared.contracts.base import BookingStatus, ServiceType
from shared.http import access
from shared.http.answers import answer
from shared.http.csv import AS_CSV_TOO, Cell, csv_answer
from shared.http.fields import Day, Text
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page
from shared.money import dollars
from sqlalchemy import Row

from booking.api.presenting import row_due_cents, staff_summary_document
from booking.api.staff_models import StaffSummariesAnswer
from booking.commands.record_report import RecordReport
from booking.queries.staff_list import Ordering, PaymentFilter, StaffFilters, StaffList

SearchQuery = Annotated[
    Text | None,
    Query(max_length=100, description="Beginnings of names, parts of the e-mail address, phone or booking number."),
]
COLUMNS = (
    "booking_number", "status", "payment_status", "service_type", "package_type", "item_count", "pickup_date",
    "pickup_time", "specific_pickup_hour", "first_name", "last_name", "email", "phone", "pickup_address",
    "delivery_address", "total_price_cents", "total_price_dollars", "paid_cents",
    "amount_due_cents", "created_at",
)  # fmt: skip


async def wanted_filters(
    status: BookingStatus | None = None,
    service_type: ServiceType | None = None,
    pickup_date: Annotated[Day | None, Query()] = None,
    pickup_date_from: Annotated[Day | None, Query()] = None,
    pickup_date_to: Annotated[Day | None, Query()] = None,
    customer_search: SearchQuery = None,
    payment_status: PaymentFilter | None = None,
    crew_id: UUID | None = None,
) -> StaffFilters:
    """What the list is to be narrowed to. Asynchronous so that it needs no thread."""
    return StaffFilters(
        status,
        service_type,
        pickup_date,
        pickup_date_from,
        pickup_date_to,
        customer_search or None,
        payment_status,
        crew_id,
    )


def staff_list_routes(commands: Commands, bookings: StaffList) -> APIRouter:
    """The list of all bookings."""
    router = APIRouter(prefix="/api/staff/bookings", tags=["Staff: bookings"])

    @router.get(
        "/",
        response_model=StaffSummariesAnswer,
        summary="All bookings",
        responses=AS_CSV_TOO,
    )
    async def all_bookings(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        filters: Annotated[StaffFilters, Depends(wanted_filters)],
        ordering: Ordering = "-created_at",
        format: Literal["json", "csv"] = "json",
        caller: Caller = access.staff("view_bookings"),
    ) -> Response:
        """Bookings, newest first unless ordered otherwise; `filters` repeats what the list was narrowed to.

        `format=csv` is the whole list as a table; it needs `view_reports`, and that it was fetched is recorded.
        """
        if format == "csv":
            caller.require_staff("view_reports")
            await commands.execute(RecordReport(member_of(caller), "bookings list", _shown(filters)))
            return await csv_answer("bookings.csv", COLUMNS, _cells(bookings.all(filters, ordering)))
        rows, count = await bookings.page(filters, ordering, page)
        body = paged(request, page, [staff_summary_document(row) for row in rows], count)
        return answer({**body, "filters": {**vars(filters), "ordering": ordering}})

    return router


def _shown(filters: StaffFilters) -> dict[str, Any]:
    """The filters for the record, which holds no personal data: what was searched for may be a name."""
    wanted = {name: value for name, value in vars(filters).items() if value is not None}
    if "customer_search" in wanted:
        wanted["customer_search"] = True
    return {name: value if isinstance(value, bool) else str(value) for name, value in wanted.items()}


async def _cells(rows: AsyncIterator[Row[Any]]) -> AsyncIterator[list[Cell]]:
    async for row in rows:
        shown = {
            "pickup_address": _line(row.pickup_address),
            "delivery_address": _line(row.delivery_address),
            "total_price_dollars": dollars(row.total_price_cents),
            "amount_due_cents": row_due_cents(row),
        }
        yield [shown[name] if name in shown else getattr(row, name) for name in COLUMNS]


def _line(address: dict[str, str]) -> str:
    parts = [address["address_line_1"], address["address_line_2"], address["city"]]
    return ", ".join([*filter(None, parts), f"{address['state']} {address['zip_code']}"])
