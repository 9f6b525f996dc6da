"""An erasure that some service has not carried out must not go unnoticed."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.contracts.booking import AlertRaised
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import bindparam, func, select

from customers.adapters.people_tables import erasure_reports, erasures
from customers.queries.erasures import SERVICES

PATIENCE = timedelta(hours=1)

_REPORTED = (
    select(func.array_agg(erasure_reports.c.service))
    .where(erasure_reports.c.erasure_id == erasures.c.id)
    .scalar_subquery()
)
_OVERDUE = select(erasures.c.id, _REPORTED.label("reported")).where(
    erasures.c.erased_at < bindparam("before"),
    func.coalesce(func.cardinality(_REPORTED), 0) < len(SERVICES),
)


def alert_key(erasure_id: UUID) -> str:
    """Names the alert about an erasure."""
    return f"erasure-overdue:{erasure_id}"


@dataclass(frozen=True, slots=True)
class WatchErasures:
    """Look for erasures that are an hour old and not reported by every service."""


async def watch_erasures(command: WatchErasures, uow: UnitOfWork) -> None:
    """Raises an alert for each, which names the erasure and who has not reported, and nobody else."""
    for row in await uow.fetch_all(_OVERDUE, {"before": uow.now - PATIENCE}):
        missing = ", ".join(sorted(SERVICES - set(row.reported or ())))
        message = f"Erasure {row.id} is not done: no report from {missing}."
        alert = AlertRaised(alert_id=new_id(), key=alert_key(row.id), severity="critical", message=message)
        uow.record(alert, 1)
