"""A booking that is over gives back what it held: its place of the day and the use of its discount code."""

from shared.db.unit_of_work import UnitOfWork

from booking.adapters.places import free_place
from booking.adapters.redemptions import release_discount
from booking.domain.booking import Booking


async def let_go(uow: UnitOfWork, booking: Booking) -> None:
    """Frees what a locked booking holds as it is before its last step; each is freed once, whoever asks again."""
    if booking.discount_code is not None:
        await release_discount(uow, booking)
    await free_place(uow, booking)
