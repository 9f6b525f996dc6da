"""What the dashboard asks the database. Each statement goes by an index, however many bookings there are."""

from sqlalchemy import text

IN_ALL = text("SELECT status, service_type, count(*) AS bookings FROM bookings GROUP BY status, service_type")

CREATED = text("""
SELECT count(*) FILTER (WHERE created_at >= :day) AS day,
       count(*) FILTER (WHERE created_at >= :week) AS week,
       count(*) FILTER (WHERE created_at >= :month) AS month
FROM bookings WHERE created_at >= :earliest
""")

PICKUPS = text("""
SELECT count(*) FILTER (WHERE pickup_date = :today) AS today,
       count(*) FILTER (WHERE pickup_date = :tomorrow) AS tomorrow
FROM bookings
WHERE pickup_date BETWEEN :today AND :tomorrow AND status NOT IN ('cancelled', 'expired')
""")

HELD = text("SELECT service_type, used FROM capacity_days WHERE day = :tomorrow")

MONEY = text("""
SELECT paid.*, refunded.*, unpaid.*
FROM (
    SELECT coalesce(sum(captured_cents) FILTER (WHERE processed_at >= :day), 0) AS paid_day,
           coalesce(sum(captured_cents) FILTER (WHERE processed_at >= :week), 0) AS paid_week,
           coalesce(sum(captured_cents) FILTER (WHERE processed_at >= :month), 0) AS paid_month
    FROM payments WHERE captured_cents > 0 AND processed_at >= :earliest
) AS paid, (
    SELECT coalesce(sum(amount_cents) FILTER (WHERE processed_at >= :day), 0) AS refunded_day,
           coalesce(sum(amount_cents) FILTER (WHERE processed_at >= :week), 0) AS refunded_week,
           coalesce(sum(amount_cents) FILTER (WHERE processed_at >= :month), 0) AS refunded_month
    FROM refunds WHERE status = 'succeeded' AND processed_at >= :earliest
) AS refunded, (
    SELECT CAST(coalesce(sum(cents), 0) AS bigint) AS outstanding FROM (
        SELECT sum(total_price_cents) AS cents FROM bookings WHERE status IN ('pending', 'confirmed')
        UNION ALL
        SELECT sum(CAST(jsonb_path_query_first(adjustments, '$[*] ? (@.status == "open").amount_cents') AS integer))
        FROM bookings
        WHERE adjustments @> '[{"status": "open"}]' AND status NOT IN ('pending', 'confirmed', 'cancelled', 'expired')
    ) AS due
) AS unpaid
""")
"""`outstanding`: the prices of unpaid bookings, and what changes of paid ones still cost."""

ACTIVITY = text("""
(SELECT updated_at AS happened_at, 'booking' AS kind, id AS booking_id, booking_number,
        status_history -> -1 ->> 'to_status' AS status, NULL::integer AS amount_cents
 FROM bookings ORDER BY updated_at DESC LIMIT 20)
UNION ALL
(SELECT processed_at, 'payment', booking_id, booking_number, payments.status, captured_cents
 FROM payments JOIN bookings ON bookings.id = booking_id
 WHERE captured_cents > 0 AND processed_at IS NOT NULL ORDER BY processed_at DESC LIMIT 20)
UNION ALL
(SELECT processed_at, 'refund', booking_id, booking_number, refunds.status, amount_cents
 FROM refunds JOIN bookings ON bookings.id = booking_id
 WHERE refunds.status = 'succeeded' AND processed_at IS NOT NULL ORDER BY processed_at DESC LIMIT 20)
ORDER BY happened_at DESC LIMIT 20
""")

OPEN_ALERTS = text("""
SELECT last_alert_id, key, severity, message, booking_id, last_raised_at FROM alerts
WHERE cleared_at IS NULL ORDER BY severity = 'critical' DESC, last_raised_at DESC LIMIT 20
""")

UNPAID_DUE = text("""
SELECT id, booking_number, window_start,
       CASE WHEN status = 'paid'
            THEN CAST(jsonb_path_query_first(adjustments, '$[*] ? (@.status == "open").amount_cents') AS integer)
            ELSE total_price_cents END AS due_cents
FROM bookings
WHERE pickup_date BETWEEN :today AND :last_day AND window_end > :now AND window_start <= :soon
  AND (status IN ('pending', 'confirmed') AND total_price_cents > 0
       OR status = 'paid' AND adjustments @> '[{"status": "open"}]')
ORDER BY window_start LIMIT 20
""")
"""Also those whose window has begun: until it is over, the crew waits for the money."""

TROUBLES = text("""
SELECT (
         SELECT count(*) FROM refunds AS failed
         WHERE status = 'failed' AND amount_cents > (
           SELECT coalesce(sum(later.amount_cents), 0) FROM refunds AS later
           WHERE later.booking_id = failed.booking_id AND later.payment_id = failed.payment_id
             AND later.status <> 'failed' AND later.created_at > failed.created_at)
         AND NOT EXISTS (SELECT FROM alerts WHERE key = 'refund-failed:' || failed.id AND cleared_at IS NOT NULL)
       ) AS refunds_failed,
       (SELECT count(*) FROM disputes WHERE status = 'open') AS disputes_open,
       (SELECT count(*) FROM messages WHERE status = 'failed' AND told_at >= :yesterday) AS messages_failed
""")
"""A failed refund counts until later ones of its payment made up for it, or somebody cleared its alert."""
