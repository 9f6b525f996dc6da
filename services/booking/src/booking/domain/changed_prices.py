"""What a booking costs after a change: the price of its own catalogue, with fees and what the office agreed on."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.contracts.booking_state import PriceLines
from shared.contracts.catalog import CatalogSnapshot, Policies

from booking.domain.booking import Booking
from booking.domain.discounts import Discount, DiscountUnusable
from booking.domain.move import Move
from booking.domain.pricing import Price, check_chargeable, price


def late_fee(booking: Booking, policies: Policies, now: datetime) -> int:
    """What a change at `now` costs, in cents: nothing until the policy's hours before the window opens."""
    is_free = booking.window_start - now >= timedelta(hours=policies.free_reschedule_hours)
    return 0 if is_free else policies.late_reschedule_fee_cents


def kept_price(move: Move, catalog: CatalogSnapshot, discount: Discount | None) -> Price:
    """The price of a changed move; a code whose terms the cheaper move does not meet any more takes nothing off."""
    try:
        return price(move, catalog, discount)
    except DiscountUnusable:
        return replace(price(move, catalog), discount=discount)


def with_extras(amounts: PriceLines, fee_cents: int, agreed_cents: int | None, waived_cents: int = 0) -> PriceLines:
    """Computed lines with the fees of late changes, without what was waived; `agreed_cents` is a total before both.

    A price that was agreed on stays whatever the lines come to; only fees are put on top of it. Raises `NotChargeable`
    for totals that can't be charged to a card.
    """
    override = 0 if agreed_cents is None else agreed_cents - amounts.total_price_cents
    total = amounts.total_price_cents + override + fee_cents - waived_cents
    check_chargeable(total)
    changes = {
        "reschedule_fee_cents": fee_cents,
        "subtotal_cents": amounts.subtotal_cents + fee_cents,
        "price_override_cents": override,
        "waived_cents": waived_cents,
        "total_price_cents": total,
    }
    return amounts.model_copy(update=changes)
