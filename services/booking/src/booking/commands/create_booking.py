"""A booking is accepted."""

from dataclasses import dataclass

from shared.contracts.booking import BookingCreated, BookingPaid
from shared.contracts.booking_state import AddressToSave
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id

from booking.adapters.places import take_place, take_place_anyway
from booking.adapters.quote_store import add_quote
from booking.adapters.redemptions import redeem_discount
from booking.adapters.repository import add_booking, find_booking
from booking.adapters.tombstones import is_erased
from booking.domain.booking import Booking
from booking.domain.erasure import AccountErased
from booking.domain.facts import state_of
from booking.domain.quote_records import QuoteRecord


@dataclass(frozen=True, slots=True)
class CreateBooking:
    """Store this new booking with its price, once for `key`.

    `places`: how many moves its day takes; null books it even if the day is full. `notify` tells the customer and says
    how to pay.
    """

    booking: Booking
    quote: QuoteRecord
    places: int | None
    addresses_to_save: tuple[AddressToSave, ...] = ()
    key: IdempotencyKey | None = None
    notify: bool = True


async def create_booking(command: CreateBooking, uow: UnitOfWork) -> Booking:
    """The booking as it was stored, or the one that an earlier try with the same key stored before it broke off.

    A booking that costs nothing is paid at once. Raises what `claim` raises for keys used before, `DiscountUnusable`
    when no use of its code is left, `NoCapacity` when its day is full, and `AccountErased`.
    """
    booking = command.booking
    effective_id = await claim(uow, command.key, booking.id)
    if effective_id != booking.id:
        earlier = await find_booking(uow, effective_id)
        assert earlier is not None, "a key is claimed together with its booking"
        return earlier
    if booking.customer_id is not None and await is_erased(uow, booking.customer_id):
        raise AccountErased()
    created = BookingCreated(
        booking=state_of(booking),
        addresses_to_save=command.addresses_to_save,
        created_by=booking.status_history[0]["changed_by"],
        notify=command.notify,
    )
    uow.record(created, booking.version)
    if booking.total_price_cents == 0:
        booking = booking.paid(None, 0, uow.now, "Nothing is to be paid.")
        uow.record(BookingPaid(booking=state_of(booking), paid_cents=0), booking.version)
    await add_booking(uow, booking)
    add_quote(uow, new_id(), booking.id, command.quote)
    await _take_what_is_scarce(uow, booking, command.places)
    return booking


async def _take_what_is_scarce(uow: UnitOfWork, booking: Booking, places: int | None) -> None:
    """Last of all, since from here on others wait who want the same day or code."""
    if booking.discount_code is not None:
        await redeem_discount(uow, booking)
    if places is None:
        await take_place_anyway(uow, booking.pickup_date, booking.service_type)
    else:
        await take_place(uow, booking.pickup_date, booking.service_type, places)
