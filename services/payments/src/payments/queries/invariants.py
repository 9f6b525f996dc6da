"""Checks that prove the money, each with figures; amounts are cents.

They read payments' own database alone. What Stripe has is in it as the last comparison with Stripe has found it.
"""

from shared.invariants import Check
from sqlalchemy import text

CHECKS = (
    Check(
        "ledger_balanced",
        "Every fact in the ledger sums to zero, and so does the whole.",
        text("""
            SELECT count(*) AS facts, coalesce(sum(total), 0)::bigint AS sum_cents,
                   count(*) FILTER (WHERE total <> 0) AS wrong
            FROM (SELECT sum(amount_cents) AS total FROM ledger_entries GROUP BY fact) AS per_fact"""),
    ),
    Check(
        "payments_equal_ledger",
        "What payments captured and refunded is what the ledger says.",
        text("""
            WITH booked AS (
              SELECT payment_id,
                     -sum(amount_cents) FILTER (WHERE account = 'customer_payments') AS captured,
                     coalesce(sum(amount_cents) FILTER (WHERE account = 'customer_refunds'), 0) AS refunded
              FROM ledger_entries GROUP BY payment_id)
            SELECT coalesce(sum(p.captured_cents), 0)::bigint AS captured_cents,
                   coalesce(sum(p.refunded_cents), 0)::bigint AS refunded_cents,
                   coalesce(sum(b.captured), 0)::bigint AS ledger_captured_cents,
                   coalesce(sum(b.refunded), 0)::bigint AS ledger_refunded_cents,
                   count(*) FILTER (WHERE p.captured_cents <> coalesce(b.captured, 0)
                                       OR p.refunded_cents <> coalesce(b.refunded, 0)) AS wrong
            FROM payments AS p LEFT JOIN booked AS b ON b.payment_id = p.id"""),
    ),
    Check(
        "captured_has_booking_or_refund",
        "Every captured cent belongs to a live booking, or is refunded, taken back by a bank, or kept by the policy.",
        text("""
            WITH held AS (
              SELECT p.booking_id, b.status, b.kept_cents, greatest(p.processed_at, b.updated_at) AS at,
                     p.duplicate_of IS NOT NULL OR EXISTS (
                       SELECT FROM jsonb_array_elements(b.adjustments) AS a
                       WHERE p.purpose = 'adjustment:' || (a->>'number') AND a->>'status' = 'void') AS unwanted,
                     greatest(0, p.captured_cents
                       - coalesce((SELECT sum(r.amount_cents) FROM refunds AS r
                                   WHERE r.payment_id = p.id AND r.status <> 'failed'), 0)
                       - coalesce((SELECT sum(e.amount_cents) FROM ledger_entries AS e
                                   WHERE e.payment_id = p.id AND e.account = 'disputes'), 0)) AS cents
              FROM payments AS p JOIN billable_bookings AS b ON b.id = p.booking_id
              WHERE p.captured_cents > 0),
            per_booking AS (
              SELECT status, kept_cents, max(at) AS at, sum(cents) AS cents,
                     coalesce(sum(cents) FILTER (WHERE unwanted), 0) AS unwanted_cents,
                     coalesce(sum(cents) FILTER (WHERE NOT unwanted), 0) AS wanted_cents
              FROM held GROUP BY booking_id, status, kept_cents)
            SELECT coalesce(sum(cents), 0)::bigint AS held_cents,
                   count(*) FILTER (WHERE status IN ('cancelled', 'expired')) AS of_closed_bookings,
                   count(*) FILTER (WHERE at < :settled AND (unwanted_cents > 0
                     OR (status IN ('cancelled', 'expired') AND wanted_cents > kept_cents))) AS wrong
            FROM per_booking"""),
    ),
    Check(
        "paid_once",
        "No booking holds the money of two payments for one purpose.",
        text("""
            SELECT count(*) AS paid_purposes, count(*) FILTER (WHERE payments > 1) AS wrong
            FROM (SELECT count(*) AS payments FROM payments AS p
                  WHERE p.captured_cents > coalesce(
                    (SELECT sum(r.amount_cents) FROM refunds AS r
                     WHERE r.payment_id = p.id AND r.status <> 'failed'), 0) + coalesce(
                    (SELECT sum(e.amount_cents) FROM ledger_entries AS e
                     WHERE e.payment_id = p.id AND e.account = 'disputes'), 0)
                  GROUP BY p.booking_id, p.purpose) AS per_purpose"""),
    ),
    Check(
        "bookings_paid_as_captured",
        "Every captured payment has paid its booking, and every paid booking was charged what it cost.",
        text("""
            WITH charged AS (
              SELECT booking_id, sum(captured_cents) AS cents, max(processed_at) AS at,
                     bool_or(status <> 'refunded') AS held
              FROM payments WHERE duplicate_of IS NULL AND captured_cents > 0
              GROUP BY booking_id),
            compared AS (
              SELECT b.status, c.booking_id, c.held, c.at, coalesce(c.cents, 0) AS cents, b.adjustments AS changes,
                     CASE WHEN b.paid_cents > 0 THEN b.paid_cents ELSE b.total_cents END AS told,
                     b.total_cents - (SELECT coalesce(sum((a->>'amount_cents')::int), 0)
                                      FROM jsonb_array_elements(b.adjustments) AS a
                                      WHERE a->>'status' = 'open') AS owed
              FROM billable_bookings AS b LEFT JOIN charged AS c ON c.booking_id = b.id)
            SELECT count(booking_id) AS charged_bookings, coalesce(sum(cents), 0)::bigint AS charged_cents,
                   count(*) FILTER (WHERE status IN ('paid', 'in_progress', 'completed')) AS paid_bookings,
                   count(*) FILTER (WHERE
                     (status IN ('pending', 'confirmed') AND held AND at < :settled)
                     OR (status IN ('paid', 'in_progress', 'completed')
                         AND (cents < owed OR (cents <> told AND (changes = '[]' OR at < :settled))))) AS wrong
            FROM compared"""),
    ),
    Check(
        "disputes_as_booked",
        "What banks took back is what was lost in disputes, once they are decided.",
        text("""
            WITH decided AS (
              SELECT payment_id, sum(amount_cents) FILTER (WHERE status = 'lost') AS lost
              FROM disputes GROUP BY payment_id HAVING bool_and(status <> 'open' AND closed_at < :settled)),
            booked AS (
              SELECT payment_id, sum(amount_cents) AS cents FROM ledger_entries
              WHERE account = 'disputes' GROUP BY payment_id)
            SELECT (SELECT count(*) FROM disputes) AS disputes, coalesce(sum(lost), 0)::bigint AS lost_cents,
                   count(*) FILTER (WHERE coalesce(lost, 0) <> coalesce(cents, 0)) AS wrong
            FROM decided LEFT JOIN booked USING (payment_id)"""),
    ),
    Check(
        "captured_as_asked",
        "Every captured payment got exactly what it asked for.",
        text("""
            SELECT count(*) AS captured_payments, count(*) FILTER (WHERE captured_cents <> amount_cents) AS wrong
            FROM payments WHERE captured_cents > 0"""),
    ),
    Check(
        "credit_notes_within_receipts",
        "What credit notes give back of a payment, without their reversals, is at most its receipt.",
        text("""
            SELECT count(*) AS payments, count(*) FILTER (WHERE cents < 0) AS wrong
            FROM (SELECT sum(amount_cents) AS cents FROM receipts
                  WHERE kind <> 'invoice' GROUP BY payment_id) AS per_payment"""),
    ),
    Check(
        "stripe_equals_ledger",
        "Stripe's movements of money of the last days are those in the books, by a comparison of the last 13 hours.",
        text("""
            SELECT coalesce(sum(movements), 0)::bigint AS movements,
                   coalesce(sum(differences), 0)::bigint AS differences,
                   coalesce(max(extract(epoch FROM CAST(:now AS timestamptz) - compared_at)) / 60, 0)::bigint
                     AS minutes_ago,
                   coalesce(sum(differences), 0)::bigint + count(*) FILTER (
                     WHERE compared_at < CAST(:now AS timestamptz) - interval '13 hours') AS wrong
            FROM comparisons WHERE name = 'movements'"""),
    ),
    Check(
        "stripe_understood",
        "No webhook of Stripe and no payment waits for people.",
        text("""
            SELECT webhooks, payments, webhooks + payments AS wrong
            FROM (SELECT (SELECT count(*) FROM stripe_events WHERE state = 'parked') AS webhooks,
                         (SELECT count(*) FROM payments WHERE parked_at IS NOT NULL) AS payments) AS parked"""),
    ),
)

TOTALS = {
    "payments": text("""
        SELECT count(*) AS captured, coalesce(sum(captured_cents), 0)::bigint AS captured_cents
        FROM payments WHERE captured_cents > 0 AND duplicate_of IS NULL AND processed_at < :settled"""),
    "refunds": text("""
        SELECT count(*) AS succeeded, coalesce(sum(r.amount_cents), 0)::bigint AS refunded_cents
        FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id
        WHERE r.status = 'succeeded' AND p.duplicate_of IS NULL AND r.processed_at < :settled"""),
}
"""What others were told of payments and refunds: of money that came in twice and went back they know nothing."""
