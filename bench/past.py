"""The past of a company that has moved people for years: bookings by the hundred thousand, written as they would be."""

from psycopg import AsyncConnection

BOOKINGS = 100_000
YEARS = 3

_FIRST_NAMES = "{Ada,Grace,Alan,Edsger,Barbara,Donald,Katherine,Linus,Margaret,Dennis,Frances,Ken,Hedy,Tim,Radia,Brian}"
_LAST_NAMES = "{Byron,Hopper,Turing,Dijkstra,Liskov,Knuth,Johnson,Hamilton,Ritchie,Allen,Thompson,Lamarr,Perlman,Moore}"
_DONE = "{completed,completed,completed,completed,completed,completed,completed,cancelled,expired,completed}"

_BOOKINGS = f"""
INSERT INTO bookings
SELECT made_up.*
FROM (SELECT to_jsonb(bookings) AS body FROM bookings LIMIT 1) AS model,
     (SELECT '{_FIRST_NAMES}'::text[] AS first_names, '{_LAST_NAMES}'::text[] AS last_names) AS names,
     generate_series(1, %(bookings)s) AS n,
     LATERAL (SELECT now() - interval '{YEARS} years' * n / %(bookings)s AS made) AS moment,
     LATERAL (SELECT CASE WHEN made > now() - interval '7 days' THEN 'paid'
                          ELSE ('{_DONE}'::text[])[1 + n %% 10] END AS state) AS step,
     LATERAL (SELECT state IN ('paid', 'completed') AS was_paid) AS payment,
     LATERAL jsonb_populate_record(NULL::bookings, model.body || jsonb_build_object(
    'id', uuidv7(), 'booking_number', 'TT-' || to_char(made, 'YYYYMMDD') || '-' || lpad(n::text, 6, '0'),
    'status', state, 'customer_id', CASE WHEN n %% 3 > 0 THEN gen_random_uuid() END,
    'first_name', first_names[1 + n %% 16], 'last_name', last_names[1 + n %% 14] || to_hex(n / 500),
    'email', 'person' || n || '@example.com', 'phone', '+1212' || lpad(n::text, 7, '0'),
    'service_type', (ARRAY['mini_move', 'mini_move', 'standard_delivery', 'specialty_item'])[1 + n %% 4],
    'pickup_date', made::date + 7, 'window_start', made + interval '7 days',
    'window_end', made + interval '7 days 3 hours', 'total_price_cents', 50000 + n %% 400 * 500,
    'paid_cents', CASE WHEN was_paid THEN 50000 + n %% 400 * 500 ELSE 0 END,
    'paid_at', CASE WHEN was_paid THEN made END, 'paid_payment_id', CASE WHEN was_paid THEN gen_random_uuid() END,
    'expires_at', NULL, 'hold_expires_at', NULL, 'holds_place', false, 'created_at', made, 'updated_at', made
)) AS made_up
"""
_PAYMENTS = """
INSERT INTO payments (id, booking_id, version, purpose, status, amount_cents, captured_cents, refunded_cents,
                      failure_reason, stripe_payment_intent_id, created_at, processed_at)
SELECT paid_payment_id, id, 3, 'booking', 'succeeded', paid_cents, paid_cents, 0, '', 'pi_' || id, paid_at, paid_at
FROM bookings WHERE paid_payment_id IS NOT NULL ON CONFLICT DO NOTHING
"""
_LISTINGS = """
INSERT INTO booking_listings (booking_id, words, payment_status, payment_id, payment_captured, payment_created_at)
SELECT id, array_to_tsvector(ARRAY[
        lower(first_name), lower(last_name), email, split_part(email, '@', 1), 'example', 'com', right(phone, 11),
        right(phone, 10), right(phone, 7), right(phone, 4), replace(lower(booking_number), '-', ''),
        replace(substr(booking_number, 4), '-', '')]),
    CASE WHEN paid_at IS NULL THEN 'pending' ELSE 'succeeded' END, paid_payment_id, paid_at IS NOT NULL, paid_at
FROM bookings ON CONFLICT DO NOTHING
"""


async def write_past(database_url: str, bookings: int = BOOKINGS) -> None:
    """Fills booking's database with bookings of the last three years, each like the first that is there already."""
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(_BOOKINGS, {"bookings": bookings})
        for statement in (_PAYMENTS, _LISTINGS, "VACUUM ANALYZE bookings, payments, booking_listings"):
            await connection.execute(statement)
