"""Keep the copy of a booking up to date; what is not due any more may not be paid any more."""

from dataclasses import dataclass

from shared.contracts.booking_state import BookingState
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import func, tuple_, update

from payments.adapters.repository import keep_booking, lock_booking, save_booking
from payments.adapters.tables import billable_bookings, payments
from payments.domain.booking import CLOSED, PAYABLE, BillableBooking
from payments.domain.payment import OPEN


@dataclass(frozen=True, slots=True)
class RecordBooking:
    """The booking as its owner told it."""

    booking: BillableBooking


async def record_booking(command: RecordBooking, uow: UnitOfWork) -> None:
    """Open intents that ask for what is not due are cancelled at Stripe by the worker.

    The wish is part of this transaction: a closed booking owes nothing, a changed one another price or adjustment.
    """
    booking = command.booking
    may_owe_less = booking.version > 1 and (booking.adjustments or booking.status in PAYABLE)
    if booking.status not in CLOSED and not booking.kept_cents and not may_owe_less:
        keep_booking(uow, booking)
        return
    is_newer = await save_booking(uow, booking)
    if not is_newer and booking.kept_cents:
        await _keep(uow, booking)
    if booking.status in CLOSED or may_owe_less:
        now_known = booking if is_newer else await lock_booking(uow, booking.id)
        await _cancel_what_is_not_due(uow, now_known or booking)


async def _cancel_what_is_not_due(uow: UnitOfWork, booking: BillableBooking) -> None:
    wanted = [payments.c.booking_id == booking.id, payments.c.status.in_(OPEN), payments.c.cancel_at.is_(None)]
    if due := list(booking.due.items()):
        wanted.append(tuple_(payments.c.purpose, payments.c.amount_cents).not_in(due))
    uow.send(update(payments).where(*wanted).values(cancel_at=uow.now))


async def _keep(uow: UnitOfWork, booking: BillableBooking) -> None:
    """Only the cancellation itself tells what the company keeps, even if it comes after what followed it."""
    known = billable_bookings.c.id == booking.id
    kept = func.greatest(billable_bookings.c.kept_cents, booking.kept_cents)
    uow.send(update(billable_bookings).where(known).values(kept_cents=kept))


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
        paid_cents=state.paid_cents,
        adjustments=state.adjustments,
        service_type=state.service_type,
        pickup_date=state.pickup_date,
        customer_name=f"{state.contact.first_name} {state.contact.last_name}".strip(),
        prices=state.prices.model_dump(),
        holds_place=state.holds_place,
        booked_at=state.created_at,
        expires_at=state.expires_at,
    )
