"""With many bookings the dashboard and the reports read few of them: the plans go by indexes."""

from datetime import date, timedelta
from typing import Any

import pytest
from booking.domain.periods import periods_at
from booking.queries import dashboard_statements as statements
from booking.queries import reports
from shared.clock import BUSINESS_TIMEZONE
from shared.testing.service import RunningService
from sqlalchemy import TextClause, text

from ..factories import NOW
from ..many_bookings import add_many_bookings

PERIODS = periods_at(NOW, BUSINESS_TIMEZONE)
SINCE = {
    "day": PERIODS.day_start,
    "week": PERIODS.week_start,
    "month": PERIODS.month_start,
    "earliest": PERIODS.earliest,
}
DAYS = {"today": PERIODS.today, "tomorrow": PERIODS.tomorrow}
SOON = {"now": NOW, "soon": NOW + timedelta(days=1), "today": PERIODS.today, "last_day": PERIODS.tomorrow}
MONTH = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}
INSTANTS = {"begins": NOW - timedelta(days=330), "ends": NOW - timedelta(days=300), "zone": "America/New_York"}


@pytest.fixture
async def many(service: RunningService) -> RunningService:
    await add_many_bookings(service.database)
    return service


async def plan_of(service: RunningService, statement: TextClause, parameters: dict[str, Any]) -> str:
    rows = await service.database.fetch_all(text(f"EXPLAIN {statement.text}"), parameters)
    return "\n".join(row[0] for row in rows)


async def test_no_statement_reads_all_bookings(many: RunningService) -> None:
    asked: list[tuple[TextClause, dict[str, Any]]] = [
        (statements.IN_ALL, {}),
        (statements.CREATED, SINCE),
        (statements.PICKUPS, DAYS),
        (statements.MONEY, SINCE),
        (statements.ACTIVITY, {}),
        (statements.UNPAID_DUE, SOON),
        (reports._BY_PICKUP, MONTH),
        (reports._BY_CREATION, INSTANTS),
    ]
    for statement, parameters in asked:
        plan = await plan_of(many, statement, parameters)
        assert "Seq Scan on bookings" not in plan, plan
