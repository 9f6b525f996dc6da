"""The staff audit log."""

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from shared.clock import day_begins, day_ends
from shared.db.engine import Database
from shared.http import access
from shared.http.fields import Day, Text
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from customers.api import answers, presenting_staff
from customers.queries.audit import AuditFilter, audit_page


def routes(database: Database, zone: ZoneInfo) -> APIRouter:
    """The router; `zone` is the business time zone, which dates in filters are of."""
    router = APIRouter(prefix="/api/staff")
    _add_audit(router, database, zone)
    return router


def _add_audit(router: APIRouter, database: Database, zone: ZoneInfo) -> None:
    @router.get(
        "/audit/",
        response_model=answers.AuditPage,
        operation_id="list_audit_entries",
        summary="What staff did",
        tags=["Staff: audit log"],
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
