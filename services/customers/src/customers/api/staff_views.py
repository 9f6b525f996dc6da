"""What staff see: customers, and the audit log."""

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Day, Text
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from customers.api import answers, presenting_staff
from customers.commands.view_customer import ViewCustomer
from customers.domain.days import day_begins, day_ends
from customers.queries.audit import AuditFilter, audit_page
from customers.queries.customers import CustomerFilter, customers_page

Search = Annotated[Text, Query(max_length=100)]


def routes(database: Database, commands: Commands, zone: ZoneInfo) -> APIRouter:
    """The router; `zone` is the business time zone, which dates in filters are of."""
    router = APIRouter(prefix="/api/staff")
    _add_customers(router, database, commands, zone)
    _add_audit(router, database, zone)
    return router


def _add_customers(router: APIRouter, database: Database, commands: Commands, zone: ZoneInfo) -> None:
    @router.get(
        "/customers/",
        response_model=answers.CustomerPage,
        operation_id="list_customers",
        summary="All customers",
        tags=["Staff's customers"],
    )
    async def list_customers(
        request: Request,
        search: Search = "",
        is_vip: bool | None = None,
        total_bookings_min: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
        registration_date_from: Annotated[Day | None, Query()] = None,
        registration_date_to: Annotated[Day | None, Query()] = None,
        page: Page = Depends(wanted_page),
        _: Caller = access.staff("view_customers"),
    ) -> dict[str, Any]:
        """Customers, newest first. `search`: the start of a name, e-mail address or phone, or a booking number."""
        wanted = CustomerFilter(
            search=search.strip() or None,
            is_vip=is_vip,
            total_bookings_min=total_bookings_min,
            registered_since=day_begins(registration_date_from, zone) if registration_date_from else None,
            registered_until=day_ends(registration_date_to, zone) if registration_date_to else None,
        )
        rows, count = await customers_page(database, wanted, page)
        return paged(request, page, [presenting_staff.listed_customer(row) for row in rows], count)

    @router.get(
        "/customers/{id}/",
        response_model=answers.CustomerDetails,
        operation_id="get_customer",
        summary="All about a customer",
        tags=["Staff's customers"],
    )
    async def show_customer(id: UUID, caller: Caller = access.staff("view_customers")) -> dict[str, Any]:
        """One customer with bookings and payments. The look is in the audit log."""
        row, bookings = await commands.execute(ViewCustomer(id, caller.require_staff(), caller.ip, caller.ua))
        return presenting_staff.customer_details(row, bookings)


def _add_audit(router: APIRouter, database: Database, zone: ZoneInfo) -> None:
    @router.get(
        "/audit/",
        response_model=answers.AuditPage,
        operation_id="list_audit_entries",
        summary="What staff did",
        tags=["Audit log"],
    )
    async def list_entries(
        request: Request,
        staff_id: UUID | None = None,
        action_type: Annotated[Text | None, Query(max_length=50)] = None,
        customer_id: UUID | None = None,
        booking_id: UUID | None = None,
        since: Annotated[Day | None, Query(alias="from")] = None,
        until: Annotated[Day | None, Query(alias="to")] = None,
        page: Page = Depends(wanted_page),
        _: Caller = access.staff("manage_operations"),
    ) -> dict[str, Any]:
        """What staff did, newest first; `from` and `to` are business days, both included."""
        wanted = AuditFilter(
            staff_id=staff_id,
            action_type=action_type,
            customer_id=customer_id,
            booking_id=booking_id,
            since=day_begins(since, zone) if since else None,
            until=day_ends(until, zone) if until else None,
        )
        rows, count = await audit_page(database, wanted, page)
        return paged(request, page, [presenting_staff.audit_entry(row) for row in rows], count)
