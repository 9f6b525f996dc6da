"""A customer rates a move."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from shared.contracts.booking import BookingRated
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.logistics_tables import ratings
from booking.adapters.repository import lock_booking, save_booking
from booking.domain.booking import Actor
from booking.domain.facts import state_of

_ADD = insert(ratings).on_conflict_do_nothing().returning(ratings)
_FIND = select(ratings).where(ratings.c.booking_id == bindparam("of_booking"))


class AlreadyRated(Conflict):
    """A move is rated once."""

    code: ClassVar[str] = "already_rated"
    message = "This move was rated before."


class NotCompleted(Conflict):
    """There is nothing to rate yet; `booking_status` says why."""

    code: ClassVar[str] = "not_completed"
    message = "A move can be rated once it is completed."


@dataclass(frozen=True, slots=True)
class RateBooking:
    """Rate a completed booking from 1 to 5."""

    booking_id: UUID
    actor: Actor
    rating: int
    text: str = ""
    key: IdempotencyKey | None = None


async def rate_booking(command: RateBooking, uow: UnitOfWork) -> Row[Any]:
    """The rating; raises `NotFound`, `NotCompleted`, `AlreadyRated` and what `claim` raises."""
    attempt = new_id()
    resumed = await claim(uow, command.key, attempt) != attempt
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if booking.status != "completed":
        raise NotCompleted(booking_status=booking.status)
    row = {
        "booking_id": booking.id,
        "rating": command.rating,
        "text": command.text,
        "rated_by": command.actor.kind,
        "created_at": uow.now,
    }
    rated = await uow.fetch_one(_ADD, row)
    if rated is None:
        if resumed and (given := await uow.fetch_one(_FIND, {"of_booking": booking.id})) is not None:
            return given
        raise AlreadyRated()
    following = booking.touched(uow.now)
    await save_booking(uow, following, BookingRated(booking=state_of(following), rating=command.rating))
    return rated
