"""Staff book for somebody who called."""

from dataclasses import dataclass, replace

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.places import is_overbooked
from booking.commands.audit import record_audit
from booking.commands.create_booking import CreateBooking, create_booking
from booking.domain.booking import Booking
from booking.domain.staff_terms import StaffTerms


@dataclass(frozen=True, slots=True)
class CreateForStaff:
    """Store this new booking on these terms."""

    creation: CreateBooking
    terms: StaffTerms

    @property
    def booking(self) -> Booking:
        """The new booking."""
        return self.creation.booking


async def create_for_staff(command: CreateForStaff, uow: UnitOfWork) -> Booking:
    """As `create_booking`; keeps why the price is what it is, and records who did it."""
    terms, creation = command.terms, command.creation
    quote = replace(creation.quote, reason=terms.override_reason)
    booking = await create_booking(replace(creation, quote=quote, notify=terms.notify), uow)
    if booking.id == creation.booking.id:
        member = StaffMember(terms.staff_id, terms.ip, terms.user_agent)
        anyway = creation.places is None
        overbooked = anyway and await is_overbooked(uow, booking.pickup_date, booking.service_type)
        record_audit(uow, member, "booking_created", booking, after=_told(booking, overbooked))
    return booking


def _told(booking: Booking, overbooked: bool) -> dict[str, object]:
    return {
        "status": booking.status,
        "list_price_cents": booking.total_price_cents - booking.prices["price_override_cents"],
        "total_price_cents": booking.total_price_cents,
        "overbooked": overbooked,
    }
