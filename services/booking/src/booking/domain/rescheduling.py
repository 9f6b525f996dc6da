"""Moving a booking to another day or window: who may, what it costs, what the booking is like afterwards.

A booking keeps the prices of the catalogue it was made with: only what depends on the day and the window changes.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.base import BookingStatus, PickupTime
from shared.contracts.booking_state import PriceLines
from shared.contracts.catalog import CatalogSnapshot, Policies
from shared.errors import Conflict
from shared.money import dollars

from booking.domain.booking import Actor, ActorKind, Booking, in_words, step
from booking.domain.cancellation import refund_percent
from booking.domain.expiry import unpaid_until
from booking.domain.move import Move, Problems
from booking.domain.price_documents import explanation, price_detail
from booking.domain.pricing import Line, Price
from booking.domain.schedule import pickup_window, schedule_problems
from booking.domain.windows import NotOffered, window_fee

RESCHEDULABLE: tuple[BookingStatus, ...] = ("pending", "confirmed", "paid")


class CannotReschedule(Conflict):
    """The move is over or under way, or its window has begun; `allowed` names the statuses that can be moved."""

    code = "cannot_reschedule"
    message = "This booking can't be moved to another day any more."


@dataclass(frozen=True, slots=True)
class Terms:
    """What a booking is moved by: its own catalogue for prices and fees, the newest policies for what is on offer."""

    catalog: CatalogSnapshot
    policies: Policies
    zone: ZoneInfo


def check_reschedulable(booking: Booking, actor: Actor, now: datetime) -> None:
    """Raises `CannotReschedule`; once the window has begun, only staff move a booking."""
    if booking.status not in RESCHEDULABLE:
        sentence = f"A booking that is {in_words(booking.status)} can't be moved to another day."
        raise CannotReschedule(sentence, booking_status=booking.status, allowed=list(RESCHEDULABLE))
    if actor.kind != "staff" and now >= booking.window_start:
        raise CannotReschedule("The pickup window has begun.", booking_status=booking.status)


def slot_problems(booking: Booking, move: Move, terms: Terms, now: datetime) -> Problems:
    """What is wrong with the slot, by the fields of the request. A same-day delivery was in time for its own day."""
    in_time = booking.is_same_day and booking.pickup_date == move.pickup_date
    timed = replace(move, is_same_day=move.is_same_day and not in_time)
    for field, sentence in schedule_problems(timed, terms.policies, now, terms.zone):
        yield ("pickup_date" if field == "is_same_day" else field), sentence
    try:
        window_fee(move, terms.catalog)
    except NotOffered:
        yield "pickup_time", "This pickup window is not offered here."
    if _slot_of(booking) == (move.pickup_date, move.pickup_time, move.specific_pickup_hour):
        yield "pickup_date", "The booking has this day and window already."


def refund_cap(booking: Booking, actor: Actor, terms: Terms, now: datetime) -> int:
    """What a later cancellation refunds at most, in per cent, after a move at `now`.

    A late move gives up what a cancellation at that moment would have. Moves by the office give up nothing, and nor do
    those of unpaid bookings, which could be cancelled and made anew for nothing.
    """
    if actor.kind == "staff" or booking.status != "paid":
        return booking.refund_cap_percent
    tiers = terms.catalog.policies.cancellation_tiers
    return min(booking.refund_cap_percent, refund_percent(tiers, booking.window_start, now))


def rescheduled(
    booking: Booking,
    move: Move,
    priced: Price,
    amounts: PriceLines,
    actor: Actor,
    terms: Terms,
    now: datetime,
    reason: str,
) -> Booking:
    """The booking in its new slot, at its new price. Whoever was to move it is asked anew, and so is the van."""
    assert move.pickup_date is not None
    windows = terms.policies.pickup_windows
    window = pickup_window(move.pickup_date, move.pickup_time, move.specific_pickup_hour, windows, terms.zone)
    entry = {
        **step(booking.status, booking.status, actor, now, reason),
        "rescheduled_from": booking.pickup_date.isoformat(),
        "rescheduled_to": move.pickup_date.isoformat(),
    }
    return booking.touched(
        now,
        pickup_date=move.pickup_date,
        pickup_time=move.pickup_time,
        specific_pickup_hour=move.specific_pickup_hour,
        is_same_day=move.is_same_day,
        window_start=window.start,
        window_end=window.end,
        total_price_cents=amounts.total_price_cents,
        prices=amounts.model_dump(),
        price_detail=_detail(booking, priced, amounts),
        refund_cap_percent=refund_cap(booking, actor, terms, now),
        expires_at=_expiry(booking, terms, window.end),
        status_history=[*booking.status_history, entry],
        crew_id=None,
        crew_name="",
        van_id=None,
        van_name="",
        stop_sequence=0,
    )


def _expiry(booking: Booking, terms: Terms, window_end: datetime) -> datetime | None:
    """The end of the time to pay, which the new window may bring nearer or farther away."""
    if booking.expires_at is None:
        return None
    made_by: ActorKind = booking.status_history[0]["changed_by"]
    return unpaid_until(booking.created_at, made_by, terms.catalog.policies, window_end)


def _detail(booking: Booking, priced: Price, amounts: PriceLines) -> dict[str, Any]:
    detail = price_detail(priced)
    cents = amounts.price_override_cents
    agreed = [
        {**one, "amount_cents": cents, "amount_dollars": dollars(cents)}
        for one in booking.price_detail["explanations"]
        if one["line"] == "price_override"
    ]
    return {**detail, "explanations": [*detail["explanations"], *_fee_line(amounts, priced), *agreed]}


def _fee_line(amounts: PriceLines, priced: Price) -> list[dict[str, Any]]:
    fee = amounts.reschedule_fee_cents
    if not fee:
        return []
    line = Line("reschedule_fee", fee, "late_reschedule", "Changed shortly before the pickup.")
    return [explanation(line, priced.catalog_version)]


def _slot_of(booking: Booking) -> tuple[date, PickupTime, int | None]:
    return booking.pickup_date, booking.pickup_time, booking.specific_pickup_hour
