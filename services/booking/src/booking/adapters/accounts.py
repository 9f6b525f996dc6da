"""How much of a booking's payments is left to give back."""

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import text

from booking.domain.booking import Booking
from booking.domain.settling import Account, payments_of

_LEFT = text(
    """
    SELECT payment.id, payment.captured_cents - coalesce(back.cents, 0) - coalesce(asked.cents, 0) AS left_cents
    FROM payments AS payment
    LEFT JOIN LATERAL (
        SELECT sum(amount_cents) AS cents FROM refunds
        WHERE refunds.payment_id = payment.id AND refunds.status <> 'failed'
    ) AS back ON true
    LEFT JOIN LATERAL (
        SELECT sum(coalesce(request.amount_cents, payment.captured_cents)) AS cents FROM refund_requests AS request
        WHERE request.payment_id = payment.id
          AND NOT EXISTS (SELECT FROM refunds WHERE refunds.request_id = request.id)
    ) AS asked ON true
    WHERE payment.booking_id = :booking AND payment.id = ANY(CAST(:ids AS uuid[]))
    ORDER BY payment.created_at, payment.id
    """
)
"""A refund that was asked for counts from the moment it was asked, before payments has told of it."""


async def accounts_of(uow: UnitOfWork, booking: Booking) -> list[Account]:
    """The payments whose money a locked booking holds, oldest first."""
    ids = payments_of(booking)
    if not ids:
        return []
    rows = await uow.fetch_all(_LEFT, {"booking": booking.id, "ids": ids})
    return [Account(row.id, max(0, int(row.left_cents))) for row in rows]
