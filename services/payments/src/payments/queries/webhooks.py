"""Reads of stored webhooks, for staff."""

from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import Row, func, select, text

from payments.adapters.tables import stripe_events

_PARKED = text("""
    SELECT 'payment' AS kind, id::text AS id, parked_at AS since, booking_number AS about
    FROM payments WHERE parked_at IS NOT NULL
    UNION ALL
    SELECT 'webhook', id, received_at, type || ' ' || error FROM stripe_events WHERE state = 'parked'
    ORDER BY since""")
_SHOWN = ("id", "type", "state", "tries", "error", "received_at")


async def find_webhooks(database: Database, state: str, page: Page) -> tuple[list[dict[str, Any]], int]:
    """(webhooks of the page, count of all in that state), newest first."""
    chosen = select(*(stripe_events.c[name] for name in _SHOWN)).where(stripe_events.c.state == state)
    newest = chosen.order_by(stripe_events.c.received_at.desc(), stripe_events.c.id.desc())
    rows = await database.fetch_all(newest.limit(page.size).offset(page.offset))
    count = await database.fetch_one(select(func.count()).select_from(chosen.subquery()))
    return [dict(row._mapping) for row in rows], int(count[0]) if count else 0


async def parked_things(database: Database) -> list[Row[Any]]:
    """Payments and webhooks that wait for people, the oldest first: rows `kind, id, since, about`."""
    return await database.fetch_all(_PARKED)
