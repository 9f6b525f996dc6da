"""Gives a service that keeps failing time to recover, instead of a queue of requests that will fail as well."""

import time
from collections.abc import Callable
from typing import Literal

WINDOW_SECONDS = 10
FEWEST_CALLS = 20
OPEN_SECONDS = 5.0

State = Literal["closed", "open", "probing"]


class Breaker:
    """Opens for 5 s when, of at least 20 calls within 10 s, half failed; then one probe decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets = [[0, 0, 0] for _ in range(WINDOW_SECONDS)]
        self._open_until = 0.0
        self.state: State = "closed"

    def admits(self) -> bool:
        """Whether a call may be made now; after the pause the first call becomes the probe."""
        if self.state == "closed":
            return True
        if self.state == "open" and self._clock() >= self._open_until:
            self.state = "probing"
            return True
        return False

    def abandoned(self) -> None:
        """A call ended without telling anything about the service."""
        if self.state == "probing":
            self.state, self._open_until = "open", self._clock()

    def succeeded(self) -> None:
        """The service answered."""
        if self.state != "closed":
            self.state = "closed"
            self._buckets = [[0, 0, 0] for _ in range(WINDOW_SECONDS)]
        self._bucket()[1] += 1

    def failed(self) -> None:
        """The service could not be reached, broke off or took too long."""
        bucket = self._bucket()
        bucket[1] += 1
        bucket[2] += 1
        if self.state == "probing" or (self.state == "closed" and self._is_failing()):
            self.state, self._open_until = "open", self._clock() + OPEN_SECONDS

    def _bucket(self) -> list[int]:
        second = int(self._clock())
        bucket = self._buckets[second % WINDOW_SECONDS]
        if bucket[0] != second:
            bucket[:] = [second, 0, 0]
        return bucket

    def _is_failing(self) -> bool:
        since = int(self._clock()) - WINDOW_SECONDS
        recent = [bucket for bucket in self._buckets if bucket[0] > since]
        calls, failures = (sum(bucket[at] for bucket in recent) for at in (1, 2))
        return calls >= FEWEST_CALLS and failures * 2 >= calls
