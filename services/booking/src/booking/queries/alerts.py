"""The alerts of all services."""

from functools import lru_cache
from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select

from booking.adapters.tables import alerts


class AlertQueries:
    """Reads from the service's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, is_cleared: bool, severity: str | None, page: Page) -> tuple[list[Row[Any]], int]:
        """(the alerts of one page, those raised last first; how many there are in all)."""
        wanted = {"severity": severity} if severity else {}
        listing, counting = _statements(is_cleared, tuple(wanted))
        rows = await self._database.fetch_all(listing, {**wanted, "size": page.size, "skipped": page.offset})
        counted = await self._database.fetch_one(counting, wanted)
        return rows, counted[0] if counted else 0


@lru_cache
def _statements(is_cleared: bool, names: tuple[str, ...]) -> tuple[Select[Any], Select[Any]]:
    cleared = alerts.c.cleared_at
    conditions: list[ColumnElement[bool]] = [cleared.is_not(None) if is_cleared else cleared.is_(None)]
    conditions += [alerts.c[name] == bindparam(name) for name in names]
    listing = select(alerts).where(*conditions).order_by(alerts.c.last_raised_at.desc(), alerts.c.key)
    counting = select(func.count()).select_from(alerts).where(*conditions)
    return listing.limit(bindparam("size")).offset(bindparam("skipped")), counting
