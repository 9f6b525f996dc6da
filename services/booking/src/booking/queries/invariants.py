"""Checks of booking's own books: the money of bookings against its copies of payments, places, discount codes."""

from shared.invariants import Check
from sqlalchemy import text

CHECKS = (
    Check(
        "bookings_hold_their_payments",
        "What bookings say was paid is what the copies of their payments captured.",
        text("""
            WITH named AS (
              SELECT id AS booking_id, paid_payment_id AS payment_id FROM bookings WHERE paid_payment_id IS NOT NULL
              UNION
              SELECT id, CAST(coalesce(a->>'payment_id', a->>'returned_payment_id') AS uuid)
              FROM bookings, jsonb_array_elements(adjustments) AS a
              WHERE a ? 'payment_id' OR a ? 'returned_payment_id'),
            captured AS (
              SELECT named.booking_id, sum(captured_cents) AS cents
              FROM named JOIN payments ON payments.id = named.payment_id AND payments.booking_id = named.booking_id
              GROUP BY named.booking_id)
            SELECT count(*) FILTER (WHERE paid_cents > 0) AS paid_bookings,
                   coalesce(sum(paid_cents), 0)::bigint AS paid_cents,
                   coalesce(sum(cents), 0)::bigint AS copied_cents,
                   count(*) FILTER (WHERE paid_cents <> coalesce(cents, 0)) AS wrong
            FROM bookings LEFT JOIN captured ON captured.booking_id = bookings.id"""),
    ),
    Check(
        "places_as_held",
        "As many places of each day are taken as there are bookings that hold one.",
        text("""
            WITH held AS (
              SELECT pickup_date AS day, service_type, count(*) AS bookings FROM bookings
              WHERE holds_place GROUP BY pickup_date, service_type)
            SELECT coalesce(sum(used), 0)::bigint AS taken, coalesce(sum(bookings), 0)::bigint AS held,
                   count(*) FILTER (WHERE coalesce(used, 0) <> coalesce(bookings, 0)) AS wrong
            FROM capacity_days FULL JOIN held USING (day, service_type)"""),
    ),
    Check(
        "codes_used_by_live_bookings",
        "Every use of a discount code that counts belongs to a booking that is not cancelled or expired.",
        text("""
            SELECT count(*) AS uses, count(*) FILTER (WHERE status IN ('cancelled', 'expired')) AS wrong
            FROM discount_redemptions AS used JOIN bookings ON bookings.id = used.booking_id
            WHERE released_at IS NULL"""),
    ),
)

TOTALS = {
    "payments": text("""
        SELECT count(*) AS captured, coalesce(sum(captured_cents), 0)::bigint AS captured_cents
        FROM payments WHERE captured_cents > 0 AND processed_at < :settled"""),
    "refunds": text("""
        SELECT count(*) AS succeeded, coalesce(sum(amount_cents), 0)::bigint AS refunded_cents
        FROM refunds WHERE status = 'succeeded' AND processed_at < :settled"""),
}
"""What the copies of payments and refunds come to, in the words of payments, which owns them."""
