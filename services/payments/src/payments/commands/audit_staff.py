"""Staff look at something: that goes into the audit log."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.audit import member_of, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller


@dataclass(frozen=True, slots=True)
class AuditStaff:
    """`staff` look at what `description` says; they are not shown it if that can't be recorded."""

    staff: Caller
    action_type: Literal["booking_viewed", "report_generated"]
    description: str
    booking_id: UUID | None = None


async def audit_staff(command: AuditStaff, uow: UnitOfWork) -> None:
    """Records it."""
    staff, about = member_of(command.staff), {"booking_id": command.booking_id}
    record_staff_action(uow, staff, command.action_type, command.description, **about)
