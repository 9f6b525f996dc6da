"""Waiting for a condition instead of sleeping for a guessed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.1


class NeverHappened(AssertionError):
    """The awaited condition did not come true in time."""

    def __init__(self, what: str, timeout: float) -> None:
        super().__init__(f"Waited {timeout:g} seconds in vain for {what}.")


def wait_until(condition: Callable[[], T], timeout: float = 90.0, what: str = "the condition") -> T:
    """Call `condition` until its answer is true and return that answer.

    `timeout` is in seconds. Raises NeverHappened with `what` in its sentence; what `condition` raises passes through.
    """
    deadline, pause = time.monotonic() + timeout, FIRST_PAUSE
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise NeverHappened(what, timeout)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return answer


async def wait_until_async(
    condition: Callable[[], Awaitable[T]], timeout: float = 90.0, what: str = "the condition"
) -> T:
    """As `wait_until`, for a condition that has to be awaited."""
    deadline, pause = time.monotonic() + timeout, FIRST_PAUSE
    while not (answer := await condition()):
        if time.monotonic() > deadline:
            raise NeverHappened(what, timeout)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return answer
