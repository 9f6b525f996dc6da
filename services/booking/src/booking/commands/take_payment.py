"""A payment has succeeded."""

from dataclasses import dataclass, replace

from shared.contracts.booking import BookingPaid, BookingUpdated
from shared.contracts.payments import PaymentState
from shared.db.unit_of_work import UnitOfWork

from booking.adapters.accounts import accounts_of
from booking.adapters.copies import copy_payment
from booking.adapters.places import has_kept_place
from booking.adapters.quote_store import quoted_totals
from booking.adapters.repository import lock_booking, save_booking
from booking.commands.alerts import raise_alert
from booking.commands.refunds import already_requested, refund_shares, request_id_of, request_refund
from booking.domain.booking import Booking
from booking.domain.facts import state_of
from booking.domain.payments import CountedBefore, Counts, GoesBack, NeedsPeople, PaysChange, meaning_of_success
from booking.domain.settling import left_of, settled, with_adjustment_paid, with_return


@dataclass(frozen=True, slots=True)
class TakePayment:
    """Draw the consequences of a captured payment."""

    payment: PaymentState


async def take_payment(command: TakePayment, uow: UnitOfWork) -> None:
    """The booking becomes paid; or the money goes back because the booking is over; or staff are told.

    Repeating it changes nothing, even with another message.
    """
    payment = command.payment
    booking = await lock_booking(uow, payment.booking_id)
    await copy_payment(uow, payment)
    match meaning_of_success(booking, payment, await _former_totals(booking, payment, uow)):
        case Counts():
            assert booking is not None
            await _pay(booking, payment, uow)
        case PaysChange(number):
            assert booking is not None
            paid = with_adjustment_paid(booking, number, payment.id, payment.captured_cents).touched(uow.now)
            await save_booking(uow, paid, BookingUpdated(booking=state_of(paid)))
        case GoesBack(alert, reason, counts):
            assert booking is not None
            await _give_back(with_return(booking, payment) if counts else booking, payment, alert, reason, uow)
        case NeedsPeople(key, alert):
            raise_alert(uow, f"{key}:{payment.id}", alert, payment.booking_id)
        case CountedBefore():
            pass


async def _former_totals(booking: Booking | None, payment: PaymentState, uow: UnitOfWork) -> set[int]:
    """Looked up only for a payment of another amount than the present price, which is rare."""
    if booking is None or payment.captured_cents == booking.total_price_cents:
        return set()
    return await quoted_totals(uow, booking.id)


async def _pay(booking: Booking, payment: PaymentState, uow: UnitOfWork) -> None:
    overbooked = not await has_kept_place(uow, booking)
    captured = replace(booking.paid(payment.id, payment.captured_cents, uow.now), holds_place=True)
    fees = captured.prices.get("reschedule_fee_cents", 0)
    settlement = settled(captured, await _left(captured, uow), fees)
    paid = settlement.booking
    event = BookingPaid(
        booking=state_of(paid), payment_id=payment.id, paid_cents=paid.paid_cents, overbooked=overbooked
    )
    await save_booking(uow, paid, event)
    if settlement.refund_cents:
        sentence = "The booking became cheaper while it was being paid."
        await refund_shares(uow, paid, f"paid:{payment.id}", settlement.refund_cents, sentence)
    if overbooked:
        sentence = f"{paid.booking_number} was paid after its place was given away: {paid.pickup_date} is overbooked."
        raise_alert(uow, f"overbooked:{paid.id}", sentence, paid.id)


async def _left(booking: Booking, uow: UnitOfWork) -> int:
    """How many cents could go back; looked up only if the price is less than what was paid, which is rare."""
    if booking.paid_cents <= booking.total_price_cents:
        return 0
    return left_of(await accounts_of(uow, booking))


async def _give_back(booking: Booking, payment: PaymentState, alert: str, reason: str, uow: UnitOfWork) -> None:
    request_id = request_id_of("late_payment", payment.id)
    if await already_requested(uow, request_id):
        return
    following = booking.touched(uow.now)
    # What counts has changed what was paid, of which a wish for a refund tells nobody who keeps a copy.
    await save_booking(uow, following, BookingUpdated(booking=state_of(following)))
    await request_refund(uow, following, request_id, payment.id, None, reason)
    raise_alert(uow, f"late_payment:{payment.id}", alert, booking.id)
