"""A service told what it did to forget a person."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.booking import AlertCleared
from shared.contracts.customers import ErasureReported
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.people_tables import erasure_reports, erasures
from customers.commands.watch_erasures import PATIENCE, alert_key
from customers.queries.erasures import SERVICES

_KEEP = insert(erasure_reports).on_conflict_do_nothing(index_elements=["erasure_id", "service"])
_ERASED_AT = select(erasures.c.erased_at).where(erasures.c.id == bindparam("of_erasure")).with_for_update()
_REPORTS = select(func.count()).where(erasure_reports.c.erasure_id == bindparam("of_erasure"))


@dataclass(frozen=True, slots=True)
class KeepErasureReport:
    """The report as it came."""

    report: ErasureReported


async def keep_erasure_report(command: KeepErasureReport, uow: UnitOfWork) -> None:
    """The first report of each service is the one that counts: doing it again finds nothing to erase.

    The last one ends the alert about an erasure that took too long.
    """
    report = command.report
    erased_at = await uow.scalar(_ERASED_AT, {"of_erasure": report.customer_id})
    values = {"erasure_id": report.customer_id, "service": report.service, "erased": report.erased}
    kept = await uow.execute(_KEEP, {**values, "kept": report.kept, "reported_at": uow.now})
    if kept.rowcount and erased_at is not None and erased_at < uow.now - PATIENCE:
        await _end_alert(report.customer_id, uow)


async def _end_alert(erasure_id: UUID, uow: UnitOfWork) -> None:
    if await uow.scalar(_REPORTS, {"of_erasure": erasure_id}) == len(SERVICES):
        uow.record(AlertCleared(alert_id=new_id(), key=alert_key(erasure_id)), 1)
