"""Start paying for a booking: at most one live payment per booking and purpose, however many ask at once."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import update

from payments.adapters import books
from payments.adapters.repository import (
    LEASE,
    LivePayment,
    add_payment,
    lock_booking,
    lock_live_payment,
    save_booking,
)
from payments.adapters.tables import payments
from payments.domain.booking import BillableBooking, amount_due
from payments.domain.errors import BookingNotFound
from payments.domain.payment import Payment

NextStep = Literal["make", "wait", "reopen", "replace"]
"""Make the intent yourself · somebody is making it · it is there · it asks for what is not due any more."""


@dataclass(frozen=True, slots=True)
class StartPayment:
    """`copy` is the booking as its owner just told it; `expected_cents` what the caller believes to be due.

    Without a `purpose` it is whatever is due now: the price, or an adjustment of a booking that is paid.
    """

    booking_id: UUID
    purpose: str | None = None
    copy: BillableBooking | None = None
    expected_cents: int | None = None
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The payment, and what is to be done about its intent, outside of any transaction."""

    payment: Payment
    next_step: NextStep


async def start_payment(command: StartPayment, uow: UnitOfWork) -> Started:
    """Raises `BookingNotFound`, `BookingNotPayable`, `AlreadyPaid`, or `Invalid` for a wrong amount."""
    await claim(uow, command.key, new_id())
    booking = await _locked_booking(uow, command)
    purpose = command.purpose or booking.purpose_due
    live = await lock_live_payment(uow, booking.id, purpose)
    due = amount_due(booking, purpose, uow.now, live.payment if live else None, command.expected_cents)
    if live is None:
        return Started(await _begin(uow, booking, purpose, due), "make")
    return Started(live.payment, await _next_step(uow, live, due))


async def _locked_booking(uow: UnitOfWork, command: StartPayment) -> BillableBooking:
    if command.copy is not None and await save_booking(uow, command.copy):
        return command.copy
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise BookingNotFound()
    return booking


async def _begin(uow: UnitOfWork, booking: BillableBooking, purpose: str, due_cents: int) -> Payment:
    payment = Payment(
        id=new_id(),
        version=1,
        booking_id=booking.id,
        booking_number=booking.booking_number,
        customer_id=booking.customer_id,
        purpose=purpose,
        amount_cents=due_cents,
        currency=booking.currency,
        status="creating",
        attempt=1,
        created_at=uow.now,
    )
    await add_payment(uow, payment, leased=True)
    after = {"status": payment.status, "amount_cents": payment.amount_cents}
    await books.note(uow, payment.id, "payment_started", "A payment was started.", books.BOOKING, after=after)
    return payment


async def _next_step(uow: UnitOfWork, live: LivePayment, due_cents: int) -> NextStep:
    payment = live.payment
    if (payment.amount_cents != due_cents or live.is_unwanted) and payment.status != "processing":
        await uow.execute(update(payments).where(payments.c.id == payment.id).values(cancel_at=uow.now))
        return "replace"
    if payment.intent_id is not None:
        return "reopen"
    if live.is_leased:
        return "wait"
    await uow.execute(update(payments).where(payments.c.id == payment.id).values(leased_until=uow.now + LEASE))
    return "make"
