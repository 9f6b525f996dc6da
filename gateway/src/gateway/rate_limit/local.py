"""Limits of this process alone, for as long as the store is away."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

from gateway.rate_limit.limits import Limit, LimitState

MOST_KEYS = 10_000


class LocalLimits:
    """The same sliding windows as the store's, each process counting by itself; bounded in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def ask(self, limits: Sequence[tuple[Limit, str]]) -> tuple[bool, list[LimitState]]:
        """Whether a request is within all `limits` (each with its key), and how they stand; counted only if it is."""
        now = self._clock()
        windows = [(limit, self._window(key, now - limit.window)) for limit, key in limits]
        allowed = all(len(hits) < limit.count for limit, hits in windows)
        if allowed:
            for _, hits in windows:
                hits.append(now)
        return allowed, [
            LimitState(limit, limit.count - len(hits), int((hits[0] + limit.window - now) * 1000) if hits else 0)
            for limit, hits in windows
        ]

    def _window(self, key: str, since: float) -> deque[float]:
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        while hits and hits[0] <= since:
            hits.popleft()
        if len(self._hits) > MOST_KEYS:
            self._hits.popitem(last=False)
        return hits
