"""Where staff change bookings: a full day is refused as it is to everybody, with the nearest free ones."""

from dataclasses import dataclass

from shared.commands import Commands

from booking.commands.update_booking import UpdateBooking
from booking.domain.booking import Booking
from booking.domain.capacity import NoCapacity
from booking.queries.availability import Availability
from booking.queries.bookings import BookingQueries


@dataclass(frozen=True, slots=True)
class UpdateDesk:
    """Changes bookings for staff."""

    commands: Commands
    queries: BookingQueries
    availability: Availability

    async def change(self, command: UpdateBooking) -> Booking:
        """Raises what `update_booking` raises, `NoCapacity` with the nearest free days."""
        try:
            changed: Booking = await self.commands.execute(command)
        except NoCapacity:
            found = await self.queries.by_id(command.booking_id)
            if found is None:
                raise
            booking = found.booking
            raise await self.availability.full(booking.pickup_date, booking.service_type) from None
        return changed
