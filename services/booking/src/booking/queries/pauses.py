"""The pauses in force, for staff."""

from typing import Any

from shared.db.engine import Database
from sqlalchemy import Row, select

from booking.adapters.sales_tables import pauses

_ALL = select(pauses).order_by(pauses.c.paused_at)


class PausesInForce:
    """Reads from the database itself, so that staff see what they have just set."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Row[Any]]:
        """Every pause, the oldest first."""
        return await self._database.fetch_all(_ALL)
