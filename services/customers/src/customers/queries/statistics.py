"""What bookings add up to: sums over the facts, made at every read, so that they can't drift."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal, select
from sqlalchemy.sql.selectable import LateralFromClause, Subquery

from customers.adapters.people_tables import payment_facts
from customers.adapters.tables import booking_facts, refund_facts
from customers.domain.statistics import Totals

_NOTHING = literal(0, BigInteger)

PAID_CENTS = (
    select(func.coalesce(func.sum(payment_facts.c.captured_cents), 0))
    .where(payment_facts.c.booking_id == booking_facts.c.booking_id)
    .correlate(booking_facts)
    .scalar_subquery()
)
"""All that was paid for a booking: its price and later adjustments."""

REFUNDED_CENTS = (
    select(func.coalesce(func.sum(refund_facts.c.amount_cents), 0))
    .where(refund_facts.c.booking_id == booking_facts.c.booking_id)
    .correlate(booking_facts)
    .scalar_subquery()
)
"""All that went back of it. A second payment that was refunded whole is in both sums."""

COUNTS = booking_facts.c.paid_at.is_not(None) & (booking_facts.c.status != "cancelled")
"""Whether a booking is one of a customer's bookings."""


def totals_of(customer_id: ColumnElement[Any]) -> LateralFromClause:
    """The totals of one customer as one row: `total_bookings, total_spent_cents, last_booking_at`."""
    return (
        select(
            func.count().filter(COUNTS).label("total_bookings"),
            func.coalesce(func.sum(PAID_CENTS - REFUNDED_CENTS), 0).label("total_spent_cents"),
            func.max(booking_facts.c.paid_at).filter(COUNTS).label("last_booking_at"),
        )
        .where(booking_facts.c.customer_id == customer_id)
        .lateral("totals")
    )


def money_by_booking() -> Subquery:
    """What was paid and refunded for every booking there is, for reports over all of them: one row per booking."""
    moved = (
        select(payment_facts.c.booking_id, payment_facts.c.captured_cents.label("paid"), _NOTHING.label("back"))
        .union_all(select(refund_facts.c.booking_id, _NOTHING, refund_facts.c.amount_cents))
        .subquery("moved")
    )
    return (
        select(
            moved.c.booking_id,
            func.sum(moved.c.paid).label("paid_cents"),
            func.sum(moved.c.back).label("refunded_cents"),
        )
        .group_by(moved.c.booking_id)
        .subquery("money")
    )


def totals_in(row: Any) -> Totals:
    """The totals in a row of a query that selected them."""
    return Totals(row.total_bookings, int(row.total_spent_cents), row.last_booking_at)
