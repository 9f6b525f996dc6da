"""A booking moves to another day or window, and its price with it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from shared.audit import StaffMember
from shared.contracts.booking import BookingPaid, BookingRescheduled
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id

from booking.adapters.accounts import accounts_of
from booking.adapters.places import check_place, move_place
from booking.adapters.quote_store import add_quote, last_quote, quote_by_id
from booking.adapters.redemptions import tell_new_discount
from booking.adapters.repository import lock_booking, save_booking
from booking.commands.audit import record_audit
from booking.commands.refunds import refund_shares
from booking.commands.report_stop import forget_reports
from booking.domain.booking import Actor, Booking
from booking.domain.capacity import places_of
from booking.domain.changed_prices import kept_price, late_fee, with_extras
from booking.domain.facts import state_of
from booking.domain.move import Move
from booking.domain.pausing import BookingPaused
from booking.domain.pricing import Price
from booking.domain.quote_records import agreed_total, discount_of_document, record_of
from booking.domain.rescheduling import Terms, check_reschedulable, rescheduled, slot_problems
from booking.domain.rules import by_field
from booking.domain.settling import Settlement, amount_due, left_of, settled
from booking.domain.slots import Slot, move_of, moved_to

_KEPT = ("difference_cents", "fee_cents", "refund_cents", "due_cents")


@dataclass(frozen=True, slots=True)
class RescheduleBooking:
    """Move a booking to another slot; with `preview` nothing changes and only the consequences are worked out.

    `staff` is set when the office does it: it may waive the fee, and overbook a full day for a reason. `paused` is what
    customers are told while their new day can't be booked online.
    """

    booking_id: UUID
    actor: Actor
    slot: Slot
    terms: Terms
    preview: bool = False
    key: IdempotencyKey | None = None
    staff: StaffMember | None = None
    reason: str = ""
    overbook_reason: str = ""
    waive_fee: bool = False
    paused: str | None = None


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A booking in its new slot, or as it would be there. Amounts in cents.

    `difference_cents` is the new total without the old one, `fee_cents` of it the fee; `refund_cents` goes back and
    `due_cents` is to be paid.
    """

    booking: Booking
    difference_cents: int
    fee_cents: int
    refund_cents: int
    due_cents: int


async def reschedule_booking(command: RescheduleBooking, uow: UnitOfWork) -> Rescheduling:
    """Raises `NotFound`, `CannotReschedule`, `Invalid`, `NotChargeable`, `NoCapacity`, `BookingPaused`, or as `claim`.

    What was done with the key before is answered first, whatever is refused by now.
    """
    attempt = new_id()
    effective = attempt if command.preview else await claim(uow, command.key, attempt)
    booking = await lock_booking(uow, command.booking_id)
    if booking is None:
        raise NotFound()
    if effective != attempt:
        return await _done_before(uow, booking, effective)
    if command.paused is not None:
        raise BookingPaused(command.paused)
    check_reschedulable(booking, command.actor, uow.now)
    changed = await _changed(command, booking, uow)
    places = places_of(command.terms.policies, booking.service_type, command.slot.pickup_date)
    if command.preview:
        if not command.overbook_reason:
            await check_place(uow, booking, command.slot.pickup_date, places)
        return changed.outcome
    held = _held(booking, changed.settlement.booking, command.terms.policies.capacity_hold_minutes, uow.now)
    await move_place(uow, booking, held, None if command.overbook_reason else places)
    return await _record(command, booking, changed.with_booking(held), uow, attempt)


@dataclass(frozen=True, slots=True)
class _Changed:
    """All that follows from the new slot."""

    move: Move
    priced: Price
    settlement: Settlement
    fee_cents: int
    difference_cents: int
    agreed_cents: int | None

    @property
    def outcome(self) -> Rescheduling:
        booking = self.settlement.booking
        due = amount_due(booking)
        back = self.settlement.refund_cents
        return Rescheduling(booking, self.difference_cents, self.fee_cents, back, due.cents if due else 0)

    def with_booking(self, booking: Booking) -> "_Changed":
        return replace(self, settlement=replace(self.settlement, booking=booking))


async def _changed(command: RescheduleBooking, booking: Booking, uow: UnitOfWork) -> _Changed:
    terms, now = command.terms, uow.now
    move = moved_to(move_of(booking), command.slot, now, terms.zone)
    if errors := by_field(slot_problems(booking, move, terms, now)):
        raise Invalid(errors)
    quote = await last_quote(uow, booking.id)
    discount = discount_of_document(quote.discount) if quote else None
    fee = 0 if command.waive_fee else late_fee(booking, terms.catalog.policies, now)
    priced = kept_price(move, terms.catalog, discount)
    agreed = agreed_total(quote.override_cents, quote.prices) if quote else None
    amounts = with_extras(priced.amounts, booking.prices.get("reschedule_fee_cents", 0) + fee, agreed)
    reason = command.overbook_reason or command.reason
    settlement = Settlement(rescheduled(booking, move, priced, amounts, command.actor, terms, now, reason), 0)
    if booking.status == "paid":
        settlement = settled(settlement.booking, left_of(await accounts_of(uow, booking)), fee)
    difference = settlement.booking.total_price_cents - booking.total_price_cents
    return _Changed(move, priced, settlement, fee, difference, agreed)


def _held(booking: Booking, following: Booking, hold_minutes: int, now: datetime) -> Booking:
    """With the place of the new day; one whose hold had ended holds it anew for a while."""
    if booking.holds_place or booking.status != "pending":
        return replace(following, holds_place=True)
    return replace(following, holds_place=True, hold_expires_at=now + timedelta(minutes=hold_minutes))


async def _record(
    command: RescheduleBooking, before: Booking, changed: _Changed, uow: UnitOfWork, attempt: UUID
) -> Rescheduling:
    outcome, following = changed.outcome, changed.settlement.booking
    event = BookingRescheduled(
        booking=state_of(following),
        previous_pickup_date=before.pickup_date,
        previous_window_start=before.window_start,
        previous_window_end=before.window_end,
        difference_cents=outcome.difference_cents,
        fee_cents=outcome.fee_cents,
        refund_cents=outcome.refund_cents,
        rescheduled_by=cast(Literal["customer", "guest", "staff"], command.actor.kind),
    )
    await save_booking(uow, following, event)
    forget_reports(uow, before)
    if outcome.refund_cents:
        sentence = f"The move to {following.pickup_date} costs less."
        await refund_shares(uow, following, f"reschedule:{attempt}", outcome.refund_cents, sentence)
    record = record_of("rescheduled", changed.move, changed.priced, following.prices, changed.agreed_cents)
    kept = {name: getattr(outcome, name) for name in _KEPT}
    add_quote(uow, attempt, following.id, replace(record, reason=command.reason, outcome=kept))
    await tell_new_discount(uow, following)
    if command.staff is not None:
        _audit(uow, command.staff, before, following)
    return replace(outcome, booking=await _paid_if_free(uow, following))


async def _paid_if_free(uow: UnitOfWork, booking: Booking) -> Booking:
    """An unpaid booking that costs nothing on its new day is paid at once, as it would be when it is made."""
    if booking.total_price_cents or booking.status == "paid":
        return booking
    paid = booking.paid(None, 0, uow.now, "Nothing is to be paid.")
    await save_booking(uow, paid, BookingPaid(booking=state_of(paid), paid_cents=0))
    return paid


async def _done_before(uow: UnitOfWork, booking: Booking, attempt: UUID) -> Rescheduling:
    quote = await quote_by_id(uow, attempt)
    assert quote is not None, "a key is claimed together with its quote"
    return Rescheduling(booking, **quote.outcome)


def _audit(uow: UnitOfWork, staff: StaffMember, before: Booking, after: Booking) -> None:
    def slot(booking: Booking) -> dict[str, Any]:
        when = {"pickup_date": booking.pickup_date.isoformat(), "pickup_time": booking.pickup_time}
        return {**when, "total_price_cents": booking.total_price_cents, "version": booking.version}

    record_audit(uow, staff, "booking_updated", after, before=slot(before), after=slot(after))
