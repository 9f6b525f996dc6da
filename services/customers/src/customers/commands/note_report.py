"""A staff member takes a report or a list out of the system."""

from dataclasses import dataclass

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork

from customers.adapters.audit_log import log_staff_action


@dataclass(frozen=True, slots=True)
class NoteReport:
    """What is taken, in a few words without anybody's name."""

    staff: StaffMember
    description: str


async def note_report(command: NoteReport, uow: UnitOfWork) -> None:
    """In the audit log before the first row goes out."""
    await log_staff_action(uow, command.staff, "report_generated", command.description)
