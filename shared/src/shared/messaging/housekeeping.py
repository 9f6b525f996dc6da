"""Deletes what the machinery no longer needs, in small bites."""

from collections.abc import Awaitable, Callable

from sqlalchemy import text

from shared.clock import Clock
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import forget_old_keys
from shared.messaging.inbox import forget_old_messages
from shared.messaging.outbox import DELETE_PUBLISHED


def housekeeping(database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    """The job: published events go after 7 days, inbox rows after 30, idempotency keys after 24 hours."""

    async def run() -> None:
        async with database.transaction() as connection:
            await connection.execute(text(DELETE_PUBLISHED))
        async with database.transaction() as connection:
            uow = UnitOfWork(connection, clock())
            await forget_old_messages(uow)
            await forget_old_keys(uow)

    return run
