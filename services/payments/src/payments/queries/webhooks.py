"""Reads of stored webhooks, for staff."""

from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import func, select

from payments.adapters.tables import stripe_events

_SHOWN = ("id", "type", "state", "tries", "error", "received_at")


async def find_webhooks(database: Database, state: str, page: Page) -> tuple[list[dict[str, Any]], int]:
    """(webhooks of the page, count of all in that state), newest first."""
    chosen = select(*(stripe_events.c[name] for name in _SHOWN)).where(stripe_events.c.state == state)
    newest = chosen.order_by(stripe_events.c.received_at.desc(), stripe_events.c.id.desc())
    rows = await database.fetch_all(newest.limit(page.size).offset(page.offset))
    count = await database.fetch_one(select(func.count()).select_from(chosen.subquery()))
    return [dict(row._mapping) for row in rows], int(count[0]) if count else 0
