"""A crew tells from the road how far it is."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.booking import BookingOnTheWay
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.logistics_tables import crews, stop_reports
from booking.adapters.repository import lock_booking, save_booking
from booking.commands.assign_booking import check_van
from booking.commands.keep_documents import StoredFile, attach
from booking.domain.booking import Actor, Booking
from booking.domain.crew_links import CrewDay, LinkIsOver
from booking.domain.facts import event_of_step, state_of
from booking.domain.road import Step, statuses_after, tells_the_customer

_ADD = insert(stop_reports).on_conflict_do_nothing().returning(stop_reports.c.step)
_FORGET = delete(stop_reports).where(stop_reports.c.booking_id == bindparam("of_booking"))
_ACTIVE_CREW = select(crews.c.id).where(crews.c.id == bindparam("wanted"), crews.c.is_active)


@dataclass(frozen=True, slots=True)
class ReportStop:
    """The crew of this day tells that it came to `step` with a booking; `files` are photos and signatures, stored."""

    crew_day: CrewDay
    booking_id: UUID
    step: Step
    note: str = ""
    files: tuple[StoredFile, ...] = ()


async def report_stop(command: ReportStop, uow: UnitOfWork) -> Booking:
    """The booking afterwards; the same report again changes nothing, except that new pictures are added.

    Raises `LinkIsOver` for a crew that is no more, `NotFound` for a booking that is not this crew's on this day,
    `InvalidTransition` and `VanRequired`.
    """
    crew_id = command.crew_day.crew_id
    booking = await lock_booking(uow, command.booking_id)
    if await uow.fetch_one(_ACTIVE_CREW, {"wanted": crew_id}) is None:
        raise LinkIsOver()
    if booking is None or (booking.crew_id, booking.pickup_date) != (crew_id, command.crew_day.day):
        raise NotFound()
    for file in command.files:
        await attach(uow, booking.id, file, "crew", crew_id)
    report = {
        "booking_id": booking.id,
        "step": command.step,
        "crew_id": crew_id,
        "note": command.note,
        "reported_at": uow.now,
    }
    if await uow.fetch_one(_ADD, report) is None:
        return booking
    return await _moved_on(command, booking, uow)


async def _moved_on(command: ReportStop, booking: Booking, uow: UnitOfWork) -> Booking:
    actor = Actor("crew", command.crew_day.crew_id)
    statuses = statuses_after(booking, command.step)
    if tells_the_customer(booking, command.step):
        booking = booking.touched(uow.now)
        await save_booking(uow, booking, BookingOnTheWay(booking=state_of(booking)))
    for status in statuses:
        if status == "in_progress":
            await check_van(uow, booking)
        booking = booking.moved(status, actor, uow.now)
        await save_booking(uow, booking, event_of_step(booking))
    return booking


def forget_reports(uow: UnitOfWork, booking: Booking) -> None:
    """What was told of a booking before it moved to another window; the crew of that day will tell it anew."""
    uow.send(_FORGET, {"of_booking": booking.id})
