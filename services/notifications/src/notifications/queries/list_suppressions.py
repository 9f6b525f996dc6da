"""Addresses that messages are kept back from, for staff."""

from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import func, select, true

from notifications.adapters.copies import sha256_of
from notifications.adapters.tables import suppressions

_COLUMNS = [column for column in suppressions.columns if column.name != "address_sha256"]


async def list_suppressions(
    database: Database, channel: str | None, address: str | None, page: Page
) -> tuple[list[dict[str, Any]], int]:
    """(the page's entries, newest first; how many there are in all). An address is found also after its erasure."""
    condition = suppressions.c.channel == channel if channel else true()
    if address:
        condition &= suppressions.c.address_sha256 == sha256_of(address)
    newest = suppressions.c.created_at.desc(), suppressions.c.id.desc()
    wanted = select(*_COLUMNS).where(condition).order_by(*newest).limit(page.size).offset(page.offset)
    rows = await database.fetch_all(wanted)
    total = await database.fetch_one(select(func.count()).select_from(suppressions).where(condition))
    return [dict(row._mapping) for row in rows], total[0] if total else 0
