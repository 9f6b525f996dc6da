"""The audit of what staff do: who acts, and the entry about it. It leaves with the transaction of the deed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Who of the staff acts, and from where."""

    id: UUID
    ip: str = ""
    user_agent: str = ""


def member_of(caller: Caller) -> StaffMember:
    """The member of staff who calls; raises `Forbidden` or `Unauthenticated` for others."""
    return StaffMember(caller.require_staff(), caller.ip, caller.ua)


def record_staff_action(uow: UnitOfWork, staff: StaffMember, action_type: str, description: str, **about: Any) -> None:
    """Records what `staff` did, as an event for the one log that holds all entries; `about` as in `audit_entry`."""
    uow.record(audit_entry(staff, uow.now, action_type, description, **about), version=1)


def audit_entry(
    staff: StaffMember, happened_at: datetime, action_type: str, description: str, **about: Any
) -> AuditRecorded:
    """The entry of an action. `about` are its other members: which `booking_id` or `customer_id` it concerns, and what
    was `before` and is `after`. None of it may hold what people wrote, since the log forgets nothing.
    """
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=staff.id,
        action_type=action_type,
        description=description,
        ip_address=staff.ip,
        user_agent=staff.user_agent,
        happened_at=happened_at,
        **about,
    )
