"""`GET /api/staff/dashboard/` and the alerts."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from shared.audit import member_of
from shared.commands import Commands
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page
from shared.money import dollars, format_dollars
from sqlalchemy import Row

from booking.api.dashboard_models import AlertsAnswer, ClearedAnswer, DashboardAnswer
from booking.commands.clear_alert import ClearAlert
from booking.queries.alerts import AlertQueries
from booking.queries.dashboard import Dashboard, Overview

_TROUBLES = {
    "refunds_failed": ("critical", "refunds failed; the money has to go back otherwise"),
    "disputes_open": ("critical", "disputes are open and must be answered in time"),
    "messages_failed": ("warning", "messages could not be delivered since yesterday"),
}


def dashboard_routes(commands: Commands, dashboard: Dashboard, alerts: AlertQueries) -> APIRouter:
    """What the office looks at first."""
    router = APIRouter(prefix="/api/staff", tags=["Staff: overview"])

    @router.get("/dashboard/", response_model=DashboardAnswer, summary="The day at a glance")
    async def show_dashboard(caller: Caller = access.staff("view_bookings")) -> Response:
        """Numbers, money, what happened last, and what needs somebody; `generated_at` says as of when.

        The money is null for those who may not see it (`view_reports`).
        """
        return answer(_document(await dashboard.overview(), "view_reports" in caller.permissions))

    @router.get("/alerts/", response_model=AlertsAnswer, summary="What needs somebody")
    async def list_alerts(
        request: Request,
        page: Annotated[Page, Depends(wanted_page)],
        is_cleared: bool = False,
        severity: Literal["warning", "critical"] | None = None,
        caller: Caller = access.staff("view_bookings"),
    ) -> Response:
        """Alerts of all services, those raised last first; with `is_cleared` those that are over."""
        rows, count = await alerts.page(is_cleared, severity, page)
        return answer(paged(request, page, [_alert(row) for row in rows], count))

    @router.post("/alerts/{alert_id}/clear/", response_model=ClearedAnswer, summary="An alert is taken care of")
    async def clear_alert(alert_id: UUID, caller: Caller = access.staff("manage_bookings")) -> Response:
        """The alert, cleared; it comes back when it is raised again.

        404 for an `alert_id` that is not the present one, so that nobody clears what was raised anew unseen.
        """
        return answer({"alert": _alert(await commands.execute(ClearAlert(alert_id, member_of(caller))))})

    return router


def _document(overview: Overview, with_money: bool) -> dict[str, Any]:
    return {
        "generated_at": overview.at,
        "booking_stats": _stats(overview),
        "revenue_metrics": _metrics(overview.money) if with_money else None,
        "recent_activity": [
            {**row._mapping, "amount_cents": row.amount_cents if with_money else None} for row in overview.activity
        ],
        "alerts": list(_warnings(overview)),
    }


def _stats(overview: Overview) -> dict[str, Any]:
    by_status: Counter[str] = Counter()
    by_type: Counter[str] = Counter()
    for row in overview.in_all:
        by_status[row.status] += row.bookings
        by_type[row.service_type] += row.bookings
    created = overview.created
    return {
        "created": {"today": created.day, "week": created.week, "month": created.month},
        "pickups": dict(overview.pickups._mapping),
        "by_status": by_status,
        "by_service_type": by_type,
        "tomorrow": {"date": overview.periods.tomorrow, "load": overview.load},
    }


def _metrics(money: Row[Any]) -> dict[str, Any]:
    return {
        "today": _revenue(money.paid_day, money.refunded_day),
        "week": _revenue(money.paid_week, money.refunded_week),
        "month": _revenue(money.paid_month, money.refunded_month),
        "outstanding_cents": money.outstanding,
        "outstanding_dollars": dollars(money.outstanding),
    }


def _revenue(paid: int, refunded: int) -> dict[str, Any]:
    revenue = paid - refunded
    return {
        "paid_cents": paid,
        "refunded_cents": refunded,
        "revenue_cents": revenue,
        "revenue_dollars": dollars(revenue),
    }


def _warnings(overview: Overview) -> Iterator[dict[str, Any]]:
    for row in overview.alerts:
        yield {
            "kind": "dead_letters" if row.key.startswith("parked:") else "alert",
            "severity": row.severity,
            "message": row.message,
            "booking_id": row.booking_id,
            "alert_id": row.last_alert_id,
            "raised_at": row.last_raised_at,
        }
    for row in overview.unpaid:
        when = "has begun" if row.window_start <= overview.at else "begins within a day"
        sentence = f"{row.booking_number} {when} and {format_dollars(row.due_cents)} are not paid."
        yield {"kind": "unpaid_due", "severity": "warning", "message": sentence, "booking_id": row.id}
    for kind, (severity, sentence) in _TROUBLES.items():
        if count := getattr(overview.troubles, kind):
            yield {"kind": kind, "severity": severity, "message": f"{count} {sentence}.", "count": count}


def _alert(row: Row[Any]) -> dict[str, Any]:
    names = (
        "key", "severity", "message", "booking_id", "first_raised_at", "last_raised_at", "cleared_at", "cleared_by",
    )  # fmt: skip
    return {"id": row.last_alert_id, **{name: getattr(row, name) for name in names}}
