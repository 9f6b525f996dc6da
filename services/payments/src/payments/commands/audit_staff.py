"""Put what a staff member looks at or does into the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class AuditStaff:
    """`staff` does something that the audit log must show; it does not happen if it can't be recorded."""

    staff: Caller
    action_type: Literal["booking_viewed", "payment_refunded", "payment_processed", "report_generated"]
    description: str
    booking_id: UUID | None = None


async def audit_staff(command: AuditStaff, uow: UnitOfWork) -> None:
    """Records the entry as an event, for the one log that holds all of them."""
    uow.record(audit_event(command, uow.now), version=1)


def audit_event(entry: AuditStaff, now: datetime) -> AuditRecorded:
    """The entry as it is published."""
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=entry.staff.require_staff(),
        action_type=entry.action_type,
        description=entry.description,
        booking_id=entry.booking_id,
        ip_address=entry.staff.ip,
        user_agent=entry.staff.ua,
        happened_at=now,
    )
