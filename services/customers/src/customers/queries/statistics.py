"""What bookings add up to: sums over the facts, made at every read, so that they can't drift."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql.selectable import LateralFromClause

from customers.adapters.tables import booking_facts, refund_facts
from customers.domain.statistics import Totals

REFUNDED_CENTS = (
    select(func.coalesce(func.sum(refund_facts.c.amount_cents), 0))
    .where(
        refund_facts.c.booking_id == booking_facts.c.booking_id,
        refund_facts.c.payment_id == booking_facts.c.payment_id,
    )
    .correlate(booking_facts)
    .scalar_subquery()
)
"""What went back of the payment that paid the booking. A second payment that was refunded whole never counted."""

_COUNTS = booking_facts.c.status != "cancelled"


def totals_of(customer_id: ColumnElement[Any]) -> LateralFromClause:
    """The totals of one customer as one row: `total_bookings, total_spent_cents, last_booking_at`."""
    return (
        select(
            func.count().filter(_COUNTS).label("total_bookings"),
            func.coalesce(func.sum(booking_facts.c.paid_cents - REFUNDED_CENTS), 0).label("total_spent_cents"),
            func.max(booking_facts.c.paid_at).filter(_COUNTS).label("last_booking_at"),
        )
        .where(booking_facts.c.customer_id == customer_id, booking_facts.c.paid_at.is_not(None))
        .lateral("totals")
    )


def totals_in(row: Any) -> Totals:
    """The totals in a row of a query that selected them."""
    return Totals(row.total_bookings, int(row.total_spent_cents), row.last_booking_at)
