"""When an exchange has taken too long."""

import asyncio
import math
import time
from collections.abc import Callable


class Deadline:
    """Calls `missed` if it is not lifted in time.

    A timer of the loop costs more than an exchange may: one goes on over many of them, and where it finds that it was
    set for an earlier one it is set again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, missed: Callable[[], None]) -> None:
        self.until = math.inf
        self._loop = loop
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = math.inf

    def set(self, until: float) -> None:
        """From now on it is at `until`, on `time.monotonic()`'s scale."""
        self.until = until
        if self._timer is None or until < self._rings_at:
            self._start_timer()

    def lift(self) -> None:
        """Nothing is waited for until it is set again."""
        self.until = math.inf

    def stop(self) -> None:
        """Ends the timer as well."""
        self.lift()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = self.until
        self._timer = self._loop.call_at(self.until, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self.until == math.inf:
            return
        if time.monotonic() < self.until:
            self._start_timer()
        else:
            self._missed()
