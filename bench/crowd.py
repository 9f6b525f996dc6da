"""How long the office waits for customers once there are a hundred thousand of them, each with a booking."""

from collections.abc import Sequence

from psycopg import AsyncConnection

from bench.office import Wait, ask
from bench.stack import Stack
from bench.visitors import Visitors

CUSTOMERS = 100_000

_ACCOUNTS = """
INSERT INTO accounts (id, kind, email, password_hash, first_name, last_name, phone, version, created_at, updated_at)
SELECT uuidv7(), 'customer', 'person' || n || '@mail' || n %% 500 || '.example', '',
       ('{Ada,Grace,Alan,Edsger,Barbara,Donald,Katherine,Linus,Margaret,Dennis,Frances}'::text[])[1 + n %% 11],
       ('{Byron,Hopper,Turing,Dijkstra,Liskov,Knuth,Johnson}'::text[])[1 + n %% 7] || to_hex(n / 200),
       '+1' || 2120000000 + n * 37, 1, now() - n * interval '10 minutes', now()
FROM generate_series(1, %(customers)s) AS n
"""
_CUSTOMERS = "INSERT INTO customers (id) SELECT id FROM accounts WHERE kind = 'customer' ON CONFLICT DO NOTHING"
_BOOKINGS = """
INSERT INTO booking_facts (booking_id, booking_number, customer_id, contact_email, status, service_type, pickup_date,
                           total_cents, version, created_at, payment_id, paid_cents, paid_at)
SELECT uuidv7(), 'TT-' || to_char(created_at, 'YYYYMMDD') || '-' || lpad((row_number() OVER ())::text, 6, '0'), id,
       email, 'completed', 'mini_move', created_at::date, 99500, 1, created_at, gen_random_uuid(), 99500, created_at
FROM accounts WHERE kind = 'customer'
"""
_PAYMENTS = """
INSERT INTO payment_facts (payment_id, booking_id, purpose, captured_cents, paid_at)
SELECT payment_id, booking_id, 'booking', paid_cents, paid_at FROM booking_facts WHERE payment_id IS NOT NULL
ON CONFLICT DO NOTHING
"""
_TIDY = "VACUUM ANALYZE accounts, customers, booking_facts, payment_facts"

_LIST = "/api/staff/customers/"
_PAGES: tuple[tuple[str, Sequence[str]], ...] = (
    ("pages", [f"{_LIST}?page={page}" for page in (1, 2, 3, 100, 2000)]),
    (
        "search",
        [
            f"{_LIST}?search={typed}"
            for typed in (
                "turing1f",
                "ada%20by",
                "person777",
                "mail42",
                "(212)%20000-4321",
                "TT-20260901",
                "kat%20dij",
                "knu",
            )
        ],
    ),
    ("search of VIPs", [f"{_LIST}?search={typed}&is_vip=false" for typed in ("turing1f", "person777", "liskov7")]),
    ("by name", [f"{_LIST}?search={typed}&ordering=name" for typed in ("turing1", "person77", "liskov7")]),
    ("report of a month", ["/api/staff/reports/customers/?from=2026-01-01&to=2026-01-31"]),
)


async def measure_crowd(stack: Stack, visitors: Visitors, seconds: float) -> list[Wait]:
    """Writes the customers, then asks for each kind of page for `seconds`. Raises LoadFailed and Unexpected."""
    await _write(stack.databases["customers"])
    return await ask(stack, visitors, _PAGES, seconds)


async def _write(database_url: str) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(_ACCOUNTS, {"customers": CUSTOMERS})
        for statement in (_CUSTOMERS, _BOOKINGS, _PAYMENTS, _TIDY):
            await connection.execute(statement)


def title() -> str:
    """What the figures are about."""
    return f"with {CUSTOMERS:,} customers"
