"""Runs errands side by side, a few at a time, so that a slow Stripe does not make them queue up for minutes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

AT_ONCE = 8
LONGEST_ERRAND_SECONDS = 20


async def all_of(what: str, things: Sequence[T], do: Callable[[T], Awaitable[object]]) -> int:
    """Does `do` with each thing. One that fails is logged and comes again by its claim; how many went well."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def attempt(thing: T) -> bool:
        async with slots:
            try:
                async with asyncio.timeout(LONGEST_ERRAND_SECONDS):
                    await do(thing)
            except Exception as error:  # whatever it is must not stop the others
                log.warning("%s failed", what, extra={"error": f"{type(error).__name__}: {error}"[:300]})
                return False
            return True

    return sum(await asyncio.gather(*map(attempt, things)))
