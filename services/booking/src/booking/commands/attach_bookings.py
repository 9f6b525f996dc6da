"""A customer proved to own an e-mail address: what was booked with it before is theirs."""

from dataclasses import dataclass

from shared.contracts.booking import BookingUpdated
from shared.contracts.customers import CustomerState
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.owners import lock_bookings_of_guest, save_owner
from booking.adapters.tombstones import is_erased
from booking.commands.copy_people import CopyCustomer, keep_customer
from booking.domain.facts import state_of


@dataclass(frozen=True, slots=True)
class AttachBookings:
    """Give this customer the bookings that guests made with the address."""

    customer: CustomerState


async def attach_bookings(command: AttachBookings, uow: UnitOfWork) -> int:
    """How many bookings found their customer; none the second time, and none for somebody who was erased meanwhile."""
    customer = command.customer
    if not customer.email or await is_erased(uow, customer.id):
        return 0
    await keep_customer(CopyCustomer(customer), uow)
    found = await lock_bookings_of_guest(uow, customer.email)
    for booking in found:
        theirs = booking.touched(uow.now, customer_id=customer.id)
        await save_owner(uow, theirs, BookingUpdated(booking=state_of(theirs)))
    return len(found)
