"""Staff take data out of the system. That they do is recorded before they get any of it."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id

from booking.commands.audit import StaffMember


@dataclass(frozen=True, slots=True)
class RecordReport:
    """`staff` fetch a report called `name`, narrowed to `details`, which name no person."""

    staff: StaffMember
    name: str
    details: dict[str, Any]


async def record_report(command: RecordReport, uow: UnitOfWork) -> None:
    """Records it."""
    entry = AuditRecorded(
        entry_id=new_id(),
        staff_id=command.staff.id,
        action_type="report_generated",
        description=f"Fetched the {command.name}.",
        ip_address=command.staff.ip,
        user_agent=command.staff.user_agent,
        happened_at=uow.now,
        after=command.details,
    )
    uow.record(entry, 1)
