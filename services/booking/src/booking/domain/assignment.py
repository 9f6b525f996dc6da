"""Who moves a booking: which vans and crews can be put on it, and when it needs a van."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.base import BookingStatus
from shared.errors import Conflict

from booking.domain.booking import Booking, InvalidTransition

ASSIGNABLE: frozenset[BookingStatus] = frozenset({"pending", "confirmed", "paid", "in_progress"})
"""What is over keeps whoever did it; nobody new is put on it."""

HOLDING: tuple[BookingStatus, ...] = ("pending", "confirmed", "paid", "in_progress")
"""Only these keep a van from others: a booking that was cancelled, expired or completed has set its van free."""


class VanConflict(Conflict):
    """The van is somewhere else in that window; `booking_number` says where."""

    code = "van_conflict"
    message = "The van is on another booking in this window."


class VanRequired(Conflict):
    """The move can't begin without a van, because of what is moved."""

    code = "van_required"
    message = "These items need a van before the move begins."


@dataclass(frozen=True, slots=True)
class Stop:
    """When a van is wanted at a place. `is_flexible`: the customer has no preference of time."""

    start: datetime
    end: datetime
    is_flexible: bool


def stop_of(booking: Booking) -> Stop:
    """The booking's pickup as a stop of a van."""
    return Stop(booking.window_start, booking.window_end, booking.pickup_time == "no_time_preference")


def collide(one: Stop, other: Stop) -> bool:
    """Whether one van can't serve both.

    It can't when their windows overlap. A stop without a preference of time goes before or after one that was promised
    a window, so those two never collide.
    """
    return one.is_flexible == other.is_flexible and one.start < other.end and other.start < one.end


@dataclass(frozen=True, slots=True)
class Resource:
    """A crew or a van as it is put on a booking; the name is kept as it was then."""

    id: UUID
    name: str


def assigned(booking: Booking, crew: Resource | None, van: Resource | None, sequence: int, now: datetime) -> Booking:
    """The booking with these on it; raises `InvalidTransition` when it is over."""
    if booking.status not in ASSIGNABLE:
        raise InvalidTransition(
            f"A booking that is {booking.status} can't be assigned.", booking_status=booking.status, allowed=[]
        )
    return booking.touched(
        now,
        crew_id=crew.id if crew else None,
        crew_name=crew.name if crew else "",
        van_id=van.id if van else None,
        van_name=van.name if van else "",
        stop_sequence=sequence,
    )


def require_van(booking: Booking, items_that_need_one: Iterable[str]) -> None:
    """Raises `VanRequired` when something on the booking needs a van and none is on it."""
    if booking.van_id is not None:
        return
    needing = {*items_that_need_one} & {str(item["item_type"]) for item in booking.specialty_items}
    if needing:
        raise VanRequired(item_types=sorted(needing))
