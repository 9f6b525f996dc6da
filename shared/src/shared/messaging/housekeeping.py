"""Deletes what the machinery no longer needs, in small bites."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import bindparam, delete, select, text, tuple_

from shared.clock import Clock
from shared.db.engine import Database
from shared.db.tables import idempotency_keys
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.inbox import forget_old_messages
from shared.messaging.outbox import DELETE_PUBLISHED

BITE = 1000
MOST_BITES = 200
"""Of each kind in one run: what a run leaves behind, the next takes."""

KEYS_KEPT_FOR = timedelta(hours=24)

_DELETE_PUBLISHED = text(DELETE_PUBLISHED)
_NAME_OF_KEY = (idempotency_keys.c.scope, idempotency_keys.c.key)
_DELETE_KEYS = delete(idempotency_keys).where(
    tuple_(*_NAME_OF_KEY).in_(
        select(*_NAME_OF_KEY).where(idempotency_keys.c.created_at < bindparam("oldest")).limit(BITE)
    )
)


def housekeeping(database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    """The job: published events go after 7 days, inbox rows after 30, idempotency keys after 24 hours."""

    async def run() -> None:
        for bite in (_forget_published, forget_old_messages, _forget_keys):
            for _ in range(MOST_BITES):
                async with database.transaction() as connection:
                    gone = await bite(UnitOfWork(connection, clock()))
                if gone < BITE:
                    break

    return run


async def _forget_published(uow: UnitOfWork) -> int:
    return (await uow.execute(_DELETE_PUBLISHED)).rowcount


async def _forget_keys(uow: UnitOfWork) -> int:
    return (await uow.execute(_DELETE_KEYS, {"oldest": uow.now - KEYS_KEPT_FOR})).rowcount
