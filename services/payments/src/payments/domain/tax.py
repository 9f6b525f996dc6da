"""The sales tax on packing and unpacking: which part of a payment it is, fixed on the day on which the money moves."""

from payments.domain.booking import BillableBooking
from payments.domain.payment import Payment


def tax_collected(booking: BillableBooking, cents: int) -> int:
    """Of `cents` paid for the booking the share that the tax has in its price now, half a cent rounded up."""
    return _share(cents, booking.prices.get("organizing_tax_cents", 0), booking.total_cents)


def tax_given_back(payment: Payment, refunded_cents: int, given_back_cents: int) -> int | None:
    """The tax in a refund by which `refunded_cents` of the payment have gone back in all.

    `given_back_cents` is the tax that went back before: so the last part of the money takes the last cent of tax along.
    Null for a payment whose tax is not known.
    """
    if payment.tax_cents is None:
        return None
    return _share(refunded_cents, payment.tax_cents, payment.captured_cents) - given_back_cents


def _share(cents: int, part: int, whole: int) -> int:
    return (2 * cents * part + whole) // (2 * whole) if whole else 0
