"""A service told what it did to forget a person."""

from dataclasses import dataclass

from shared.contracts.customers import ErasureReported
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.people_tables import erasure_reports

_KEEP = insert(erasure_reports).on_conflict_do_nothing(index_elements=["erasure_id", "service"])


@dataclass(frozen=True, slots=True)
class KeepErasureReport:
    """The report as it came."""

    report: ErasureReported


async def keep_erasure_report(command: KeepErasureReport, uow: UnitOfWork) -> None:
    """The first report of each service is the one that counts: doing it again finds nothing to erase."""
    report = command.report
    values = {"erasure_id": report.customer_id, "service": report.service, "erased": report.erased}
    await uow.execute(_KEEP, {**values, "kept": report.kept, "reported_at": uow.now})
