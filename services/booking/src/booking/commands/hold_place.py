"""The place of an unpaid booking: how its hold ends, and how a later payment takes a place again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.clock import Clock
from shared.commands import Commands
from shared.contracts.booking import BookingUpdated
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from sqlalchemy import bindparam, select

from booking.adapters.copies import PAYMENT_UNDER_WAY
from booking.adapters.places import free_place, take_place
from booking.adapters.repository import lock_booking, save_booking
from booking.adapters.tables import bookings
from booking.domain.booking import Booking
from booking.domain.facts import state_of

BATCH = 100

_HOLD_IS_OVER = (
    bookings.c.status == "pending",
    bookings.c.holds_place,
    bookings.c.hold_expires_at <= bindparam("now"),
    ~PAYMENT_UNDER_WAY,
)
_DUE = select(bookings.c.id).where(*_HOLD_IS_OVER).order_by(bookings.c.hold_expires_at).limit(BATCH)
_STILL_DUE = select(bookings.c.id).where(bookings.c.id == bindparam("wanted"), *_HOLD_IS_OVER)


@dataclass(frozen=True, slots=True)
class EndHold:
    """Give the place of this unpaid booking to others, if its time is over."""

    booking_id: UUID


async def end_hold(command: EndHold, uow: UnitOfWork) -> bool:
    """Whether the place was freed: not when the booking was paid meanwhile, or its payment is under way."""
    booking = await lock_booking(uow, command.booking_id)
    due = await uow.fetch_one(_STILL_DUE, {"wanted": command.booking_id, "now": uow.now})
    if booking is None or due is None:
        return False
    await free_place(uow, booking)
    following = booking.touched(uow.now, holds_place=False)
    await save_booking(uow, following, BookingUpdated(booking=state_of(following)))
    return True


def end_holds(database: Database, commands: Commands, clock: Clock) -> Callable[[], Awaitable[int]]:
    """The job: every hold whose time is over, each in a transaction of its own. Returns how many ended."""

    async def run() -> int:
        ended = 0
        while rows := await database.fetch_all(_DUE, {"now": clock()}):
            done = [await commands.execute(EndHold(row.id)) for row in rows]
            ended += sum(done)
            if len(rows) < BATCH or not any(done):
                break
        return ended

    return run


@dataclass(frozen=True, slots=True)
class TakePlaceAgain:
    """See to it that a booking which is about to be paid holds a place. `places`: how many its day has."""

    booking_id: UUID
    places: int
    hold_minutes: int


async def take_place_again(command: TakePlaceAgain, uow: UnitOfWork) -> Booking:
    """The booking, with a place unless it is over or can't be paid any more.

    Raises `NotFound`, and `NoCapacity` when the day is full.
    """
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if booking.status != "pending" or booking.holds_place or not booking.may_be_paid(uow.now):
        return booking
    await take_place(uow, booking.pickup_date, booking.service_type, command.places)
    until = uow.now + timedelta(minutes=command.hold_minutes)
    following = booking.touched(uow.now, holds_place=True, hold_expires_at=until)
    await save_booking(uow, following, BookingUpdated(booking=state_of(following)))
    return following
