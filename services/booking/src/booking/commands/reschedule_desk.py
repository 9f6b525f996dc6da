"""Where bookings get another day: gathers what a change is judged by, and sees to its payment afterwards."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.audit import StaffMember
from shared.commands import Commands
from shared.errors import NotFound
from shared.http.idempotency import IdempotencyKey

from booking.adapters.catalog_copy import CatalogCopy, CatalogUnknown
from booking.adapters.intents import Intent
from booking.adapters.pauses import Pauses
from booking.commands.book_move import BookingDesk
from booking.commands.reschedule_booking import RescheduleBooking, Rescheduling
from booking.domain.booking import Actor, Booking
from booking.domain.capacity import NoCapacity
from booking.domain.rescheduling import Terms
from booking.domain.slots import Slot, WantedSlot
from booking.queries.availability import Availability
from booking.queries.bookings import BookingQueries


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants which slot. What the office alone may do is left empty by everybody else."""

    actor: Actor
    slot: WantedSlot
    preview: bool = False
    key: IdempotencyKey | None = None
    staff: StaffMember | None = None
    reason: str = ""
    overbook_reason: str = ""
    waive_fee: bool = False


@dataclass(frozen=True, slots=True)
class RescheduleDesk:
    """The same for customers, holders of the manage token, and staff."""

    commands: Commands
    queries: BookingQueries
    catalog: CatalogCopy
    pauses: Pauses
    availability: Availability
    desk: BookingDesk
    timezone: ZoneInfo

    async def change(self, booking_id: UUID, wish: Wish) -> Rescheduling:
        """Raises what `reschedule_booking` raises, `NoCapacity` with the nearest free days."""
        found = await self.queries.by_id(booking_id)
        if found is None:
            raise NotFound()
        booking = found.booking
        slot = wish.slot.after(booking)
        command = RescheduleBooking(
            booking_id=booking_id,
            actor=wish.actor,
            slot=slot,
            terms=await self._terms(booking),
            preview=wish.preview,
            key=wish.key,
            staff=wish.staff,
            reason=wish.reason,
            overbook_reason=wish.overbook_reason,
            waive_fee=wish.waive_fee,
            paused=self._paused(booking, slot) if wish.staff is None else None,
        )
        try:
            done: Rescheduling = await self.commands.execute(command)
        except NoCapacity:
            raise await self.availability.full(slot.pickup_date, booking.service_type) from None
        return done

    async def intent_of(self, booking: Booking) -> Intent | None:
        """A way to pay what is due after the change; nothing when nothing is, or none can be had now."""
        return await self.desk.intent_of(booking)

    async def intent_again(self, booking_id: UUID) -> Intent | None:
        """The same for an answer that is given again."""
        found = await self.queries.by_id(booking_id)
        return await self.intent_of(found.booking) if found else None

    async def _terms(self, booking: Booking) -> Terms:
        own = await self.catalog.version(booking.catalog_version)
        if own is None:
            raise CatalogUnknown()
        return Terms(own, self.catalog.newest().policies, self.timezone)

    def _paused(self, booking: Booking, slot: Slot) -> str | None:
        """What customers are told while the new day can't be booked online; the office goes on."""
        return self.pauses.message_for(booking.service_type, slot.pickup_date)
