"""A customer is to be forgotten."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.customers import CustomerErased, ErasureReported
from shared.db.erasure import scrub_messages
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id

from booking.adapters.owners import bookings_of_person
from booking.adapters.repository import lock_booking
from booking.adapters.tombstones import bury
from booking.commands.cancel_booking import CancelBooking, cancel_booking
from booking.commands.erase_booking import TakenOut, owe_erasure, take_person_out
from booking.domain.booking import Actor
from booking.domain.erasure import AHEAD, KEPT, KEPT_UNDER_WAY, UNDER_WAY


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Take this person out of everything."""

    erased: CustomerErased


async def erase_customer(command: EraseCustomer, uow: UnitOfWork) -> None:
    """Blanks bookings, copies, and what messages of the last days say; then tells how much it was.

    What is ahead is cancelled as its customer would. Customers refuses to erase whose move is under way, but may not
    have heard of it yet: such bookings keep their person until they are over.
    """
    erased = command.erased
    words = await bury(uow, erased.customer_id)
    found = [await _take_out(uow, one, erased.customer_id) for one in await bookings_of_person(uow, erased)]
    taken = [one for one in found if one is not None]
    ids = [erased.customer_id, *(id for one in taken for id in one.ids)]
    words += [word for one in taken for word in one.words]
    counts = {
        "bookings": len(taken),
        "texts": sum(one.texts for one in taken),
        "documents": sum(one.documents for one in taken),
        "messages": await scrub_messages(uow, ids, words),
    }
    kept = {"bookings": KEPT} | ({"bookings under way": KEPT_UNDER_WAY} if len(taken) < len(found) else {})
    uow.record(
        ErasureReported(
            report_id=new_id(), customer_id=erased.customer_id, service="booking", erased=counts, kept=kept
        ),
        1,
    )


async def _take_out(uow: UnitOfWork, booking_id: UUID, customer_id: UUID) -> TakenOut | None:
    """Nothing if the booking is under way. Blanked first, so that its cancellation tells of nobody."""
    booking = await lock_booking(uow, booking_id)
    assert booking is not None, "bookings are never deleted"
    if booking.status == UNDER_WAY:
        await owe_erasure(uow, booking, customer_id)
        return None
    taken = await take_person_out(uow, booking)
    if booking.status in AHEAD:
        actor = Actor("guest" if booking.customer_id is None else "customer", booking.customer_id)
        await cancel_booking(CancelBooking(booking_id, actor), uow)
    return taken
