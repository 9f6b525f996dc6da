"""A booking was not paid in time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, select

from booking.adapters.copies import PAYMENT_UNDER_WAY
from booking.adapters.repository import lock_booking, save_booking
from booking.adapters.tables import bookings
from booking.commands.let_go import let_go
from booking.domain.booking import Actor
from booking.domain.facts import event_of_step

BATCH = 100

_UNPAID = (
    select(bookings.c.id)
    .where(bookings.c.status == "pending", bookings.c.expires_at <= bindparam("now"), ~PAYMENT_UNDER_WAY)
    .order_by(bookings.c.expires_at)
    .limit(BATCH)
)
_STILL_UNPAID = select(bookings.c.id).where(
    bookings.c.id == bindparam("wanted"),
    bookings.c.status == "pending",
    bookings.c.expires_at <= bindparam("now"),
    ~PAYMENT_UNDER_WAY,
)


@dataclass(frozen=True, slots=True)
class ExpireBooking:
    """Let this booking expire, if it is still due."""

    booking_id: UUID


async def expire_booking(command: ExpireBooking, uow: UnitOfWork) -> bool:
    """Whether it expired: a booking that was paid meanwhile, or whose payment is under way, does not."""
    booking = await lock_booking(uow, command.booking_id)
    due = await uow.fetch_one(_STILL_UNPAID, {"wanted": command.booking_id, "now": uow.now})
    if booking is None or due is None:
        return False
    await let_go(uow, booking)
    expired = booking.moved("expired", Actor("clock"), uow.now, "It was not paid in time.")
    await save_booking(uow, expired, event_of_step(expired))
    return True


def expire_unpaid(database: Database, commands: Commands, clock: Clock) -> Callable[[], Awaitable[int]]:
    """The job: every unpaid booking whose time is over, each in a transaction of its own. Returns how many."""

    async def run() -> int:
        expired = 0
        while rows := await database.fetch_all(_UNPAID, {"now": clock()}):
            done = [await commands.execute(ExpireBooking(row.id)) for row in rows]
            expired += sum(done)
            if len(rows) < BATCH or not any(done):
                break
        return expired

    return run
