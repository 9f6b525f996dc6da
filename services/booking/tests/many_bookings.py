"""Enough bookings for the database to plan as it does with a hundred thousand."""

from shared.db.engine import Database
from shared.testing.waiting import wait_until_async
from sqlalchemy import text

MANY = 20_000

_BOOKINGS = text("""
INSERT INTO bookings (
    id, booking_number, version, status, customer_id, first_name, last_name, email, phone, service_type, package_type,
    item_count, item_description, specialty_items, include_packing, include_unpacking, is_same_day, coi_required,
    is_outside_core_area, pickup_date, pickup_time, window_start, window_end, pickup_address, delivery_address,
    special_instructions, internal_notes, catalog_version, total_price_cents, prices, price_detail,
    manage_token_sha256, manage_token_sealed, saved_address_ids, status_history, created_at, updated_at,
    paid_cents, paid_at, expires_at)
SELECT uuidv7(), 'TT-20260101-' || lpad(n::text, 6, '0'), 1,
    (ARRAY['completed','completed','completed','paid','cancelled','expired','pending','in_progress'])[1 + n % 8],
    CASE WHEN n % 3 = 0 THEN uuidv7() END, 'First' || n, 'Last' || n % 997, 'person' || n || '@example.com',
    '+1212' || lpad(n::text, 7, '0'), (ARRAY['mini_move','standard_delivery','specialty_item'])[1 + n % 3], 'petite',
    NULL, '', '[]', false, false, false, false, false, date '2025-01-01' + n % 1095, 'morning',
    day, day + interval '3 hours', '{}', '{}', repeat('x', 200), '', 1, 50000 + n % 200 * 100,
    '{}', jsonb_build_object('filler', repeat('x', 500)), n::text, '', '[]', '[]', day, day, 0,
    CASE WHEN n % 8 IN (0, 1, 2, 3, 7) THEN day END, NULL
FROM generate_series(1, :many) AS n, LATERAL (SELECT timestamptz '2025-01-01' + n * interval '1 hour' AS day) AS days
""")
_LISTINGS = text("""
INSERT INTO booking_listings (booking_id, words, payment_status)
SELECT id, array_to_tsvector(ARRAY[
        lower(first_name), lower(last_name), email, right(phone, 7), replace(lower(booking_number), '-', '')]),
    CASE WHEN paid_at IS NULL THEN 'pending' ELSE 'succeeded' END
FROM bookings
""")
_ALL_VISIBLE = text("""
SELECT bool_and(relallvisible = relpages) FROM pg_class WHERE relname IN ('bookings', 'booking_listings')
""")


async def add_many_bookings(database: Database) -> None:
    """Fills the tables, and lets the database look at what they hold."""
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(_BOOKINGS, {"many": MANY})
        await connection.execute(_LISTINGS)
    await wait_until_async(lambda: _is_looked_at(database), what="pages known to be visible to all")


async def _is_looked_at(database: Database) -> bool:
    """Whether the database knows its pages by now; rows that some other reading may not see yet have to wait."""
    async with database.reading() as connection:
        await connection.execute(text("VACUUM ANALYZE bookings, booking_listings"))
        return bool(await connection.scalar(_ALL_VISIBLE))
