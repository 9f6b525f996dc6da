"""Deletes what the machinery no longer needs, in small bites."""

from collections.abc import Awaitable, Callable

from sqlalchemy import text

from shared.clock import Clock
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import forget_old_keys
from shared.messaging.inbox import forget_old_messages
from shared.messaging.outbox import DELETE_PUBLISHED

BITE = 1000
MOST_BITES = 200
"""Of each kind in one run: what a run leaves behind, the next takes."""

_DELETE_PUBLISHED = text(DELETE_PUBLISHED)


def housekeeping(database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    """The job: published events go after 7 days, inbox rows after 30, idempotency keys after 24 hours."""

    async def run() -> None:
        for bite in (_forget_published, forget_old_messages, forget_old_keys):
            for _ in range(MOST_BITES):
                async with database.transaction() as connection:
                    gone = await bite(UnitOfWork(connection, clock()))
                if gone < BITE:
                    break

    return run


async def _forget_published(uow: UnitOfWork) -> int:
    return (await uow.execute(_DELETE_PUBLISHED)).rowcount
