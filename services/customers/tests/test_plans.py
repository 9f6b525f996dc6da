"""What staff search for is found by indexes, however many customers there are."""

import re
from typing import Any

import pytest
from customers.queries.customers import (
    CustomerFilter,
    count_statement,
    customers_page,
    every_customer,
    page_statement,
)
from shared.db.engine import Database
from shared.http.paging import Page
from shared.testing.service import RunningService
from sqlalchemy import Select, text
from sqlalchemy.dialects import postgresql

PEOPLE = 20_000
ACCOUNTS = """
INSERT INTO accounts (id, kind, email, password_hash, first_name, last_name, phone, version, created_at, updated_at)
SELECT gen_random_uuid(), 'customer', 'c' || n || '@example' || n % 50 || '.com', '',
       (ARRAY['Ada','Bob','Cyd','Dan','Eve','Flo','Gus'])[1 + n % 7] || n % 90,
       (ARRAY['Byron','Ross','Day','King','Noel','Quill','Stone','Young'])[1 + n % 8] || n % 1000,
       '+1' || 2120000000 + n * 37, 1, now() - n * interval '1 minute', now()
FROM generate_series(1, :people) AS n
"""
CUSTOMERS = "INSERT INTO customers (id) SELECT id FROM accounts WHERE kind = 'customer'"
BOOKINGS = """
INSERT INTO booking_facts (booking_id, booking_number, customer_id, contact_email, status, service_type, pickup_date,
                           total_cents, version, created_at, paid_at, paid_cents)
SELECT gen_random_uuid(), 'TT-20260101-' || lpad((row_number() OVER ())::text, 5, '0'), id, email, 'paid', 'mini_move',
       '2026-01-01', 50000, 1, created_at, created_at, 50000 FROM accounts
"""


@pytest.fixture
async def crowded(service: RunningService) -> RunningService:
    async with service.database.transaction() as connection:
        for statement in (ACCOUNTS, CUSTOMERS, BOOKINGS):
            await connection.execute(text(statement), {"people": PEOPLE} if ":people" in statement else {})
    async with service.database.reading() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    return service


async def plan_of(database: Database, statement: Select[Any]) -> str:
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    rows = await database.fetch_all(text("EXPLAIN " + str(compiled).replace(":", r"\:")))
    return "\n".join(row[0] for row in rows)


SCANNED = re.compile("Seq Scan on (accounts|customers|booking_facts)")
SEARCHES = {
    "quill12": "accounts_search",
    "ada by": "accounts_search",
    "c77@example": "accounts_search",
    "(212) 555": "accounts_search",
    "tt-20260101-0042": "booking_facts_prefix",
}


async def test_each_way_to_search_uses_its_index(crowded: RunningService) -> None:
    for search, index in SEARCHES.items():
        wanted = CustomerFilter(search=search)
        for statement in (page_statement(wanted, Page(1, 20)), count_statement(wanted)):
            plan = await plan_of(crowded.database, statement)
            assert index in plan, f"{search}:\n{plan}"
            assert not SCANNED.search(plan), f"{search}:\n{plan}"


async def test_the_newest_customers_are_read_in_order_and_no_more_than_shown(crowded: RunningService) -> None:
    plan = await plan_of(crowded.database, page_statement(CustomerFilter(), Page(1, 20)))
    assert "accounts_age" in plan, plan
    assert not SCANNED.search(plan), plan


async def test_what_is_found_at_a_hundred_pages_is_what_fits(crowded: RunningService) -> None:
    wanted = CustomerFilter(search="quill")
    found = [row.last_name async for row in every_customer(crowded.database, wanted)]
    rows, count = await customers_page(crowded.database, wanted, Page(1, 100))
    assert (len(found), len(rows)) == (count, 100) == (PEOPLE // 8, 100)
    assert all(name.startswith("Quill") for name in found)
