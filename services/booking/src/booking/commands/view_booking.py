"""Staff look at a booking. Looking is recorded, so it is a command and not a query."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from sqlalchemy import Row, bindparam, select

from booking.adapters.repository import find_booking
from booking.adapters.tables import payments, refunds
from booking.commands.audit import StaffMember, record_audit
from booking.domain.booking import Booking

_PAYMENTS = select(payments).where(payments.c.booking_id == bindparam("booking")).order_by(payments.c.created_at)
_REFUNDS = select(refunds).where(refunds.c.booking_id == bindparam("booking")).order_by(refunds.c.created_at)


@dataclass(frozen=True, slots=True)
class ViewBooking:
    """Show a booking to this member of staff."""

    booking_id: UUID
    staff: StaffMember


@dataclass(frozen=True, slots=True)
class BookingFile:
    """All that is known of a booking."""

    booking: Booking
    payments: list[Row[Any]]
    refunds: list[Row[Any]]


async def view_booking(command: ViewBooking, uow: UnitOfWork) -> BookingFile:
    """The booking with its payments and refunds; raises `NotFound`."""
    booking = await find_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    record_audit(uow, command.staff, "booking_viewed", booking)
    wanted = {"booking": booking.id}
    return BookingFile(booking, await uow.fetch_all(_PAYMENTS, wanted), await uow.fetch_all(_REFUNDS, wanted))
