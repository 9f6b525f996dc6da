"""The audit of what staff do. The entry leaves with the same transaction as the deed, so there is none without it."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.http.identity import Caller
from shared.ids import new_id

from booking.domain.booking import Booking

BookingAction = Literal["booking_viewed", "booking_created", "booking_updated", "booking_cancelled"]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Who acts, and from where."""

    id: UUID
    ip: str
    user_agent: str


def member_of(caller: Caller) -> StaffMember:
    """The member of staff who calls; raises `Forbidden` or `Unauthenticated` for others."""
    return StaffMember(caller.require_staff(), caller.ip, caller.ua)


def record_audit(
    uow: UnitOfWork,
    staff: StaffMember,
    action: BookingAction,
    booking: Booking,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Records what `staff` did with `booking`; `before` and `after` name statuses and versions, never contents."""
    entry = AuditRecorded(
        entry_id=new_id(),
        staff_id=staff.id,
        action_type=action,
        description=f"{action.removeprefix('booking_').capitalize()} booking {booking.booking_number}.",
        customer_id=booking.customer_id,
        booking_id=booking.id,
        ip_address=staff.ip,
        user_agent=staff.user_agent,
        happened_at=uow.now,
        before=before,
        after=after,
    )
    uow.record(entry, 1)


def record_alert_cleared(uow: UnitOfWork, staff: StaffMember, key: str, booking_id: UUID | None) -> None:
    """Records that `staff` took care of an alert."""
    entry = AuditRecorded(
        entry_id=new_id(),
        staff_id=staff.id,
        action_type="booking_updated",
        description=f"Cleared the alert {key}.",
        booking_id=booking_id,
        ip_address=staff.ip,
        user_agent=staff.user_agent,
        happened_at=uow.now,
    )
    uow.record(entry, 1)
