"""One transaction of one use case: state and the events that tell of it commit together, or not at all."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row

from shared.contracts.base import Event
from shared.db.connection import Answer, Connection
from shared.messaging.envelope import outbox_row
from shared.messaging.outbox import INSERT

log = logging.getLogger(__name__)


class UnitOfWork:
    """What a command's handler works with. It never commits: the edge that opened it does.

    `now` is the one instant at which everything in this unit of work happens.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._events: list[dict[str, Any]] = []
        self._after_commit: list[Callable[[], None]] = []

    def send(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> None:
        """Has a statement run whose outcome nobody asks for; it goes out with the next one, or with the commit.

        What it raises is raised there. Use it for rows that are only added or overwritten: they cost no round trip.
        """
        self.connection.send(statement, parameters)

    async def execute(self, statement: Executable, parameters: Any = None) -> Answer:
        """Runs a statement in this transaction."""
        return await self.connection.execute(statement, parameters)

    async def fetch_one(self, statement: Executable, parameters: Any = None) -> Row[Any] | None:
        """The first row, or nothing."""
        return await self.connection.fetch_one(statement, parameters)

    async def fetch_all(self, statement: Executable, parameters: Any = None) -> list[Row[Any]]:
        """All rows."""
        return await self.connection.fetch_all(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        """The first column of the first row, or nothing."""
        return await self.connection.scalar(statement, parameters)

    def record(self, event: Event, version: int) -> None:
        """Records that `event` happened to its aggregate at `version`.

        The caller must already hold the aggregate's row lock, by having raised its version in this transaction: only
        then do the rows of one aggregate get their ids in the order of its versions.
        """
        self._events.append(outbox_row(event, version, ordinal=len(self._events), now=self.now))

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Calls `callback` once the transaction has committed; for caches in memory only."""
        self._after_commit.append(callback)

    async def flush(self) -> bool:
        """Sends the recorded events to the outbox, along with the commit; true if there were any."""
        for event in self._events:
            self.connection.send(INSERT, event)
        return bool(self._events)

    def committed(self) -> None:
        """Tells those who asked that the transaction has committed; what they make of it can't undo it."""
        for callback in self._after_commit:
            try:
                callback()
            except Exception:
                log.exception("a callback after a commit failed")
