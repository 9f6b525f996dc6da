"""What can't be booked online at the moment, in memory: the database is asked anew every second."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import date

from shared.db.engine import Database
from sqlalchemy import select

from booking.adapters.sales_tables import pauses
from booking.domain.pausing import message_for

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0

_ALL = select(pauses.c.scope, pauses.c.message)


class Pauses:
    """Answers from memory, so that asking costs a booking nothing; a pause is live everywhere within a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._messages: Mapping[str, str] = {}
        self._polling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Loads the pauses, and keeps looking from then on."""
        await self.refresh()
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Looks no more."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait([self._polling])

    def message_for(self, service_type: str, day: date) -> str | None:
        """What customers are told who want such a move on that day; nothing when it can be booked."""
        return message_for(self._messages, service_type, day)

    async def refresh(self) -> None:
        """Takes over what the database holds; while it does not answer, what is known stays in force."""
        try:
            rows = await self._database.fetch_all(_ALL)
        except Exception:  # a look that failed must not be the last one
            log.warning("pauses not refreshed", exc_info=True)
        else:
            self._messages = {row.scope: row.message for row in rows}

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.refresh()
