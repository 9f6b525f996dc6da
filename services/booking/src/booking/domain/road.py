"""What a crew tells from the road, and what it makes of a booking. Reports may come twice and in any order."""

from typing import Literal

from shared.contracts.base import BookingStatus

from booking.domain.booking import Booking, InvalidTransition, allowed_steps

Step = Literal["on_the_way", "picked_up", "delivered"]

_LEADS_TO: dict[Step, BookingStatus | None] = {
    "on_the_way": None,
    "picked_up": "in_progress",
    "delivered": "completed",
}
_ROAD: tuple[BookingStatus, ...] = ("paid", "in_progress", "completed")


def statuses_after(booking: Booking, step: Step) -> tuple[BookingStatus, ...]:
    """The statuses that the booking goes through because of this report; none when it is further already.

    A delivery that is told first has been picked up as well. Raises `InvalidTransition` for a booking that nobody may
    move: one that is not paid, or that is over without having been moved.
    """
    wanted = _LEADS_TO[step]
    if booking.status not in _ROAD:
        if wanted is None and booking.status == "confirmed":
            return ()
        unpaid = booking.status in ("pending", "confirmed")
        raise InvalidTransition(
            "This booking is not paid yet. Please call the office."
            if unpaid
            else f"A booking that is {booking.status} can't be moved.",
            booking_status=booking.status,
            allowed=list(allowed_steps(booking.status, "crew")),
        )
    if wanted is None:
        return ()
    return _ROAD[_ROAD.index(booking.status) + 1 : _ROAD.index(wanted) + 1]


def tells_the_customer(booking: Booking, step: Step) -> bool:
    """Whether "we are on our way" is still news."""
    return step == "on_the_way" and booking.status in ("confirmed", "paid")
