"""How much of a booking's money is held, and how much tax is in it."""

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import text

from payments.domain.booking import BillableBooking
from payments.domain.tax import NOTHING, Held, has_tax

_HELD = text("""
    SELECT coalesce(sum(p.captured_cents - p.refunded_cents), 0)::bigint AS cents,
           coalesce(sum(coalesce(p.tax_cents, 0) - coalesce(back.tax_cents, 0)), 0)::bigint AS tax_cents
    FROM payments AS p
    LEFT JOIN LATERAL (
      SELECT sum(r.tax_cents) AS tax_cents FROM refunds AS r WHERE r.payment_id = p.id AND r.status = 'succeeded'
    ) AS back ON true
    WHERE p.booking_id = :booking AND p.captured_cents > 0 AND p.duplicate_of IS NULL""")


async def held_for(uow: UnitOfWork, booking: BillableBooking) -> Held:
    """What is held as it is stored; not looked up for a booking without tax, as most are."""
    if not has_tax(booking):
        return NOTHING
    row = await uow.fetch_one(_HELD, {"booking": booking.id})
    assert row is not None, "sums have a row"
    return Held(int(row.cents), int(row.tax_cents))
