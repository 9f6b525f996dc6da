"""The audit of what staff do with bookings."""

from typing import Any, Literal

from shared.audit import StaffMember, record_staff_action
from shared.db.unit_of_work import UnitOfWork

from booking.domain.booking import Booking

BookingAction = Literal["booking_viewed", "booking_created", "booking_updated", "booking_cancelled"]


def record_audit(
    uow: UnitOfWork,
    staff: StaffMember,
    action: BookingAction,
    booking: Booking,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Records what `staff` did with `booking`; `before` and `after` name statuses and versions, never contents."""
    description = f"{action.removeprefix('booking_').capitalize()} booking {booking.booking_number}."
    about = {"customer_id": booking.customer_id, "booking_id": booking.id, "before": before, "after": after}
    record_staff_action(uow, staff, action, description, **about)
