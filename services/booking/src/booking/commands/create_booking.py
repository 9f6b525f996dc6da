"""A booking is accepted."""

from dataclasses import dataclass

from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.booking_state import AddressToSave
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim

from booking.adapters.repository import add_booking, find_booking
from booking.domain.booking import Booking
from booking.domain.facts import state_of


@dataclass(frozen=True, slots=True)
class CreateBooking:
    """Store this new booking, once for `key`."""

    booking: Booking
    addresses_to_save: tuple[AddressToSave, ...] = ()
    key: IdempotencyKey | None = None


async def create_booking(command: CreateBooking, uow: UnitOfWork) -> Booking:
    """The booking as it was stored, or the one that an earlier try with the same key stored before it broke off.

    A booking that costs nothing is paid at once. Raises what `claim` raises for keys used before.
    """
    booking = command.booking
    effective_id = await claim(uow, command.key, booking.id)
    if effective_id != booking.id:
        earlier = await find_booking(uow, effective_id)
        assert earlier is not None, "a key is claimed together with its booking"
        return earlier
    uow.record(BookingCreated(booking=state_of(booking), addresses_to_save=command.addresses_to_save), booking.version)
    if booking.total_price_cents == 0:
        booking = booking.paid(None, 0, uow.now, "Nothing is to be paid.")
        uow.record(BookingPaid(booking=state_of(booking), paid_cents=0), booking.version)
    await add_booking(uow, booking)
    return booking
