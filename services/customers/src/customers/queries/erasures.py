"""How far an erasure has come."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import CustomerErased
from shared.contracts.subscribers import SUBSCRIBERS
from shared.db.engine import Database
from sqlalchemy import Row, bindparam, select

from customers.adapters.people_tables import erasure_reports, erasures

SERVICES = frozenset({"customers", *(name for name, events in SUBSCRIBERS.items() if CustomerErased in events)})
"""Those that hold something about people and have to report."""

_ERASURE = select(erasures).where(erasures.c.id == bindparam("id"))
_REPORTS = (
    select(erasure_reports)
    .where(erasure_reports.c.erasure_id == bindparam("id"))
    .order_by(erasure_reports.c.reported_at, erasure_reports.c.service)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """An erasure with the reports that have come."""

    erasure: Row[Any]
    reports: list[Row[Any]]

    @property
    def waiting_for(self) -> list[str]:
        """Services that have not reported yet."""
        return sorted(SERVICES - {report.service for report in self.reports})


async def progress_of(database: Database, erasure_id: UUID) -> Progress | None:
    """The erasure of the account (or guest) with this id, if there was one."""
    erasure = await database.fetch_one(_ERASURE, {"id": erasure_id})
    return Progress(erasure, await database.fetch_all(_REPORTS, {"id": erasure_id})) if erasure is not None else None
