"""Runs use cases: one command, one unit of work, one commit, before any answer is built.

The commit happens here and not in a dependency of the web framework, because such a dependency ends only after the
answer has gone out, so that a failing commit would still have answered success.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError

from shared.clock import Clock, utc_now
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.inbox import claim_message, is_claimed_before

Handler = Callable[[Any, UnitOfWork], Awaitable[Any]]

ATTEMPTS = 3
_RETRIED = (pg.DeadlockDetected, pg.SerializationFailure)


class AlreadyHandled:
    """What `execute` gives for a message whose effects are already committed."""


ALREADY_HANDLED = AlreadyHandled()


class Delivery(Protocol):
    """The message that a command came from: which consumer handles which event."""

    @property
    def consumer(self) -> str: ...

    @property
    def event_id(self) -> UUID: ...


class Commands:
    """All use cases of a service: command class → handler.

    `on_events` is called after a commit that recorded events, so that a relay in the same process need not poll.
    """

    def __init__(self, database: Database, handlers: Mapping[type[Any], Handler], clock: Clock = utc_now) -> None:
        self._database = database
        self._handlers = handlers
        self._clock = clock
        self.on_events: Callable[[], None] | None = None

    async def execute(self, command: Any, delivery: Delivery | None = None) -> Any:
        """Carries out `command` and returns its handler's result, after the commit.

        With a `delivery` its inbox row is part of the transaction; if it was handled before, nothing happens and
        `ALREADY_HANDLED` is returned. Deadlocks and serialization failures are tried again, 3 times in all. A
        connection lost at the commit is not: the commit may have happened.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._execute_once(command, delivery)
            except DBAPIError as error:
                if delivery is not None and is_claimed_before(error):
                    return ALREADY_HANDLED
                if attempt == ATTEMPTS or not isinstance(error.orig, _RETRIED):
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)
        raise AssertionError("unreachable")

    async def _execute_once(self, command: Any, delivery: Delivery | None) -> Any:
        handler = self._handlers[type(command)]
        async with self._database.transaction() as connection:
            uow = UnitOfWork(connection, self._clock())
            if delivery is not None:
                claim_message(uow, delivery.consumer, delivery.event_id)
            result = await handler(command, uow)
            recorded = await uow.flush()
        uow.committed()
        if recorded and self.on_events is not None:
            self.on_events()
        return result
