"""A crew and a van are put on a booking, or taken off it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.contracts.booking import BookingAssigned
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid, NotFound
from sqlalchemy import Table, bindparam, select

from booking.adapters.logistics_tables import crews, vans
from booking.adapters.repository import lock_booking, save_booking
from booking.adapters.tables import bookings, catalog_versions
from booking.commands.audit import record_audit
from booking.domain.assignment import HOLDING, Resource, Stop, VanConflict, assigned, collide, require_van, stop_of
from booking.domain.booking import Booking, StaleVersion
from booking.domain.facts import state_of

_LOCK_CREW = select(crews.c.id, crews.c.name, crews.c.is_active).where(crews.c.id == bindparam("wanted"))
_LOCK_CREW = _LOCK_CREW.with_for_update(read=True)
_LOCK_VAN = select(vans.c.id, vans.c.name, vans.c.is_active).where(vans.c.id == bindparam("wanted")).with_for_update()
_OTHERS_OF_VAN = (
    select(bookings.c.booking_number, bookings.c.window_start, bookings.c.window_end, bookings.c.pickup_time)
    .where(
        bookings.c.van_id == bindparam("van"),
        bookings.c.pickup_date == bindparam("day"),
        bookings.c.status.in_(HOLDING),
        bookings.c.id != bindparam("booking"),
    )
    .order_by(bookings.c.window_start)
)
_ITEMS = select(catalog_versions.c.snapshot["specialty_items"]).where(
    catalog_versions.c.version == bindparam("version")
)


@dataclass(frozen=True, slots=True)
class AssignBooking:
    """Change who is on a booking; `version` null means whatever it is.

    `changes` holds `crew_id`, `van_id` and `sequence` as far as they are to change; null takes off.
    """

    booking_id: UUID
    staff: StaffMember
    changes: Mapping[str, Any]
    version: int | None = None


async def assign_booking(command: AssignBooking, uow: UnitOfWork) -> Booking:
    """The booking afterwards; raises `NotFound`, `StaleVersion`, `Invalid`, `InvalidTransition`, `VanConflict`.

    Who wants a van waits for its lock, so two bookings never get it at once. A crew may have several stops in one
    window and does them in their sequence, so it has no such conflict.
    """
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if command.version is not None and command.version != booking.version:
        raise StaleVersion(version=booking.version)
    changes = command.changes
    van = await _usable(uow, _LOCK_VAN, vans, changes.get("van_id", booking.van_id), booking.van_id)
    crew = await _usable(uow, _LOCK_CREW, crews, changes.get("crew_id", booking.crew_id), booking.crew_id)
    following = assigned(booking, crew, van, changes.get("sequence", booking.stop_sequence), uow.now)
    if _is_same(booking, following):
        return booking
    if van is not None:
        await _check_van_is_free(uow, following, van)
    if following.status == "in_progress":
        await check_van(uow, following)
    await save_booking(uow, following, BookingAssigned(booking=state_of(following)))
    record_audit(uow, command.staff, "booking_updated", following, before=_shown(booking), after=_shown(following))
    return following


async def _usable(
    uow: UnitOfWork, locking: Any, table: Table, wanted: UUID | None, present: UUID | None
) -> Resource | None:
    """The crew or van; one that is out of service can stay where it is, but not be put anywhere."""
    if wanted is None:
        return None
    kind = table.name.removesuffix("s")
    row = await uow.fetch_one(locking, {"wanted": wanted})
    if row is None:
        raise Invalid({f"{kind}_id": [f"There is no such {kind}."]})
    if not row.is_active and wanted != present:
        raise Invalid({f"{kind}_id": [f"This {kind} is not in service."]})
    return Resource(row.id, row.name)


async def _check_van_is_free(uow: UnitOfWork, booking: Booking, van: Resource) -> None:
    wanted = stop_of(booking)
    others = await uow.fetch_all(_OTHERS_OF_VAN, {"van": van.id, "day": booking.pickup_date, "booking": booking.id})
    for other in others:
        stop = Stop(other.window_start, other.window_end, other.pickup_time == "no_time_preference")
        if collide(wanted, stop):
            raise VanConflict(
                f"{van.name} is on booking {other.booking_number} in this window.",
                booking_number=other.booking_number,
            )


async def check_van(uow: UnitOfWork, booking: Booking) -> None:
    """Raises `VanRequired` when the move is about to begin without a van that its items need."""
    if booking.van_id is not None or not booking.specialty_items:
        return
    items: list[dict[str, Any]] = await uow.scalar(_ITEMS, {"version": booking.catalog_version})
    require_van(booking, [item["item_type"] for item in items if item["requires_van_schedule"]])


def _is_same(before: Booking, after: Booking) -> bool:
    names = ("crew_id", "van_id", "stop_sequence")
    return all(getattr(before, name) == getattr(after, name) for name in names)


def _shown(booking: Booking) -> dict[str, Any]:
    return {
        "crew_id": str(booking.crew_id) if booking.crew_id else None,
        "van_id": str(booking.van_id) if booking.van_id else None,
        "sequence": booking.stop_sequence,
        "version": booking.version,
    }
