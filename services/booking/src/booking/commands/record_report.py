"""Staff take data out of the system. That they do is recorded before they get any of it."""

from dataclasses import dataclass
from typing import Any

from shared.audit import StaffMember, record_staff_action
from shared.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordReport:
    """`staff` fetch a report called `name`, narrowed to `details`, which name no person."""

    staff: StaffMember
    name: str
    details: dict[str, Any]


async def record_report(command: RecordReport, uow: UnitOfWork) -> None:
    """Records it."""
    fetched = f"Fetched the {command.name}."
    record_staff_action(uow, command.staff, "report_generated", fetched, after=command.details)
