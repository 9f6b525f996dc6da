"""Staff change a booking."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.contracts.base import BookingStatus
from shared.contracts.booking import BookingUpdated
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid, NotFound

from booking.adapters.places import places_now, take_place, take_place_anyway
from booking.adapters.repository import lock_booking, save_booking
from booking.commands.assign_booking import check_van
from booking.commands.audit import BookingAction, record_audit
from booking.commands.cancel_booking import cancel_for_company
from booking.domain.booking import Actor, Booking, StaleVersion
from booking.domain.facts import event_of_step, state_of


@dataclass(frozen=True, slots=True)
class UpdateBooking:
    """Bring a booking to `status` (null leaves it) and change its texts, unless it has changed since `version`.

    `texts` holds `special_instructions` and `internal_notes` as far as they are to change.
    """

    booking_id: UUID
    staff: StaffMember
    version: int
    status: BookingStatus | None = None
    reason: str = ""
    texts: dict[str, str] = field(default_factory=dict)


async def update_booking(command: UpdateBooking, uow: UnitOfWork) -> Booking:
    """The booking afterwards; raises `NotFound`, `StaleVersion`, `InvalidTransition`, and `Invalid` without reason.

    Confirming a booking that lost its place raises `NoCapacity` on a full day, unless a reason is given.
    """
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if booking.version != command.version:
        raise StaleVersion(version=booking.version)
    following = booking
    if command.texts:
        following = following.touched(uow.now, **command.texts)
        await save_booking(uow, following, BookingUpdated(booking=state_of(following)))
    if command.status is not None and command.status != booking.status:
        following = await _bring_to(command.status, following, command, uow)
    _audit(uow, command, booking, following)
    return following


async def _bring_to(status: BookingStatus, booking: Booking, command: UpdateBooking, uow: UnitOfWork) -> Booking:
    actor = Actor("staff", command.staff.id)
    if status == "cancelled":
        if not command.reason:
            booking.moved(status, actor, uow.now)
            raise Invalid({"reason": ["Tell why the booking is cancelled."]})
        return await cancel_for_company(uow, booking, actor, command.reason)
    following = booking.moved(status, actor, uow.now, command.reason)
    if status == "confirmed" and not booking.holds_place:
        await _take_place(booking, command.reason, uow)
        following = replace(following, holds_place=True)
    if status == "in_progress":
        await check_van(uow, booking)
    await save_booking(uow, following, event_of_step(following))
    return following


async def _take_place(booking: Booking, reason: str, uow: UnitOfWork) -> None:
    """The place that an unpaid booking lost; with a reason staff take it even if the day is full."""
    if reason:
        await take_place_anyway(uow, booking.pickup_date, booking.service_type)
    else:
        places = await places_now(uow, booking.pickup_date, booking.service_type)
        await take_place(uow, booking.pickup_date, booking.service_type, places)


def _audit(uow: UnitOfWork, command: UpdateBooking, before: Booking, after: Booking) -> None:
    action: BookingAction = "booking_cancelled" if after.status == "cancelled" != before.status else "booking_updated"
    changed: dict[str, Any] = {"changed": sorted(command.texts)} if command.texts else {}
    record_audit(
        uow,
        command.staff,
        action,
        after,
        before={"status": before.status, "version": before.version},
        after={"status": after.status, "version": after.version, **changed},
    )
