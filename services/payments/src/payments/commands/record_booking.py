"""Keep the copy of a booking up to date; once it is closed, nothing more may be paid for it."""

from dataclasses import dataclass

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import func, update

from payments.adapters.repository import save_booking
from payments.adapters.tables import billable_bookings, payments
from payments.domain.booking import CLOSED, BillableBooking
from payments.domain.payment import OPEN


@dataclass(frozen=True, slots=True)
class RecordBooking:
    """The booking as its owner told it."""

    booking: BillableBooking


async def record_booking(command: RecordBooking, uow: UnitOfWork) -> None:
    """Open intents of a closed booking are cancelled at Stripe by the worker; the wish is part of this transaction."""
    booking = command.booking
    if not await save_booking(uow, booking) and booking.kept_cents:
        await _keep(uow, booking)
    if booking.status not in CLOSED:
        return
    wanted = payments.c.booking_id == booking.id, payments.c.status.in_(OPEN), payments.c.cancel_at.is_(None)
    await uow.execute(update(payments).where(*wanted).values(cancel_at=uow.now))


async def _keep(uow: UnitOfWork, booking: BillableBooking) -> None:
    """Only the cancellation itself tells what the company keeps, even if it comes after what followed it."""
    known = billable_bookings.c.id == booking.id
    kept = func.greatest(billable_bookings.c.kept_cents, booking.kept_cents)
    await uow.execute(update(billable_bookings).where(known).values(kept_cents=kept))


def billable(state: BookingState, kept_cents: int = 0) -> BillableBooking:
    """What payments needs of a booking. `kept_cents`: what the company keeps although it was cancelled."""
    return BillableBooking(
        id=state.id,
        booking_number=state.booking_number,
        version=state.version,
        status=state.status,
        total_cents=state.total_cents,
        currency=state.currency,
        customer_id=state.customer_id,
        email=state.contact.email,
        manage_token_sha256=state.manage_token_sha256,
        kept_cents=kept_cents,
    )
