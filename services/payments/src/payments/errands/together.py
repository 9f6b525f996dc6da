"""Runs errands side by side, a few at a time, so that a slow Stripe does not make them queue up for minutes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

AT_ONCE = 8
LONGEST_ERRAND_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """How many errands went well and how many did not."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.done + other.done, self.failed + other.failed)


class AllFailed(Exception):
    """Not one errand of a round went well, most likely since Stripe is out of reach."""

    def __init__(self, failed: int) -> None:
        super().__init__(f"all {failed} errands failed")
        self.failed = failed


def a_job_of(round: Callable[[], Awaitable[Tally]]) -> Callable[[], Awaitable[Tally]]:
    """The round as a periodic job: it has failed, and leaves no heartbeat, when nothing at all went well."""

    async def job() -> Tally:
        tally = await round()
        if tally.failed and not tally.done:
            raise AllFailed(tally.failed)
        return tally

    return job


async def all_of(what: str, things: Sequence[T], do: Callable[[T], Awaitable[object]]) -> Tally:
    """Does `do` with each thing. One that fails is logged, counted, and comes again by its claim."""
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

    results = await asyncio.gather(*map(attempt, things))
    return Tally(sum(results), len(results) - sum(results))
