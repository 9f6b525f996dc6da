"""The sales tax on packing and unpacking: which part of the money of a booking it is, fixed on the day it moves."""

from dataclasses import dataclass

from payments.domain.booking import BillableBooking


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for a booking, of all its payments without what went back, and how much tax is in it, in cents."""

    cents: int
    tax_cents: int


NOTHING = Held(0, 0)


def has_tax(booking: BillableBooking) -> bool:
    """Whether there is any in its price."""
    return _tax_of(booking) > 0


def tax_collected(booking: BillableBooking, before: Held, cents: int) -> int:
    """The tax in `cents` that come in: what is missing of it in all that is held then.

    So the price brings all of it, and what a change of the day costs on top, in which there is none, brings nothing.
    """
    return _within(_tax_in(booking, before.cents + cents) - before.tax_cents, cents)


def tax_given_back(booking: BillableBooking, before: Held, cents: int) -> int:
    """The tax in `cents` that go back: what is too much of it in what is held then; the last cents take the rest."""
    return _within(before.tax_cents - _tax_in(booking, before.cents - cents), cents)


def _tax_in(booking: BillableBooking, held_cents: int) -> int:
    """The share that the tax has in the price now, of as much of the price as is held, half a cent rounded up."""
    price = _price_of(booking)
    held = max(0, min(held_cents, price))
    return (2 * held * _tax_of(booking) + price) // (2 * price) if price else 0


def _tax_of(booking: BillableBooking) -> int:
    """The line of the price; a total that was agreed on, or a discount, may leave less than that to pay."""
    return min(booking.prices.get("organizing_tax_cents", 0), _price_of(booking))


def _price_of(booking: BillableBooking) -> int:
    """Without what changes of the day cost and nobody has paid, now or before a cancellation: no tax is in that."""
    price = booking.total_cents - sum(change.amount_cents for change in booking.adjustments if change.status == "open")
    return min(price, booking.paid_cents or price)


def _within(tax_cents: int, cents: int) -> int:
    return max(0, min(tax_cents, cents))
