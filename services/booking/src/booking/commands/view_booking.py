"""Staff look at a booking. Looking is recorded, so it is a command and not a query."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from sqlalchemy import Column, Row, Select, Table, bindparam, select

from booking.adapters.logistics_tables import crews, stop_reports
from booking.adapters.people_tables import disputes, messages
from booking.adapters.repository import find_booking
from booking.adapters.sales_tables import quotes
from booking.adapters.tables import payments, refunds
from booking.commands.audit import record_audit
from booking.domain.booking import Booking


def _of_booking(table: Table, moment: Column[Any]) -> Select[Any]:
    return select(table).where(table.c.booking_id == bindparam("booking")).order_by(moment)


_PAYMENTS = _of_booking(payments, payments.c.created_at)
_REFUNDS = _of_booking(refunds, refunds.c.created_at)
_DISPUTES = _of_booking(disputes, disputes.c.opened_at)
_MESSAGES = _of_booking(messages, messages.c.told_at)
_QUOTES = _of_booking(quotes, quotes.c.created_at)
_REPORTS = (
    select(stop_reports.c.step, stop_reports.c.note, stop_reports.c.reported_at, crews.c.name.label("crew_name"))
    .join(crews, crews.c.id == stop_reports.c.crew_id)
    .where(stop_reports.c.booking_id == bindparam("booking"))
    .order_by(stop_reports.c.reported_at)
)


@dataclass(frozen=True, slots=True)
class ViewBooking:
    """Show a booking to this member of staff."""

    booking_id: UUID
    staff: StaffMember


@dataclass(frozen=True, slots=True)
class BookingFile:
    """All that is known of a booking; every list begins with the oldest."""

    booking: Booking
    payments: list[Row[Any]]
    refunds: list[Row[Any]]
    disputes: list[Row[Any]]
    messages: list[Row[Any]]
    quotes: list[Row[Any]]
    reports: list[Row[Any]]


async def view_booking(command: ViewBooking, uow: UnitOfWork) -> BookingFile:
    """The booking with all that belongs to it; raises `NotFound`."""
    booking = await find_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    record_audit(uow, command.staff, "booking_viewed", booking)
    wanted = {"booking": booking.id}
    return BookingFile(
        booking=booking,
        payments=await uow.fetch_all(_PAYMENTS, wanted),
        refunds=await uow.fetch_all(_REFUNDS, wanted),
        disputes=await uow.fetch_all(_DISPUTES, wanted),
        messages=await uow.fetch_all(_MESSAGES, wanted),
        quotes=await uow.fetch_all(_QUOTES, wanted),
        reports=await uow.fetch_all(_REPORTS, wanted),
    )
