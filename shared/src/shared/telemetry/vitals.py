"""The measurements that people are woken for. `docs/metrics.md` lists them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.metrics import CallbackOptions, Observation

from shared.telemetry.setup import log, meter

Gauges = Mapping[str, tuple[str, str]]
"""The unit and the description of each gauge, by its name.

What is counted stands in braces: Prometheus takes the unit `1` for a ratio, and says so in the metric's name.
"""

VITALS_EVERY_SECONDS = 10.0
VITALS: Gauges = {
    "outbox.oldest_age": ("s", "Age of the oldest event that is not published"),
    "outbox.waiting": ("{event}", "Events that wait to be published"),
    "outbox.parked": ("{event}", "Events that were given up publishing"),
    "messages.parked": ("{message}", "Messages that could not be handled and wait for people"),
    "consumer.idle_with_backlog": ("{consumer}", "1 while messages wait in the queue and none is handled"),
    "heartbeats.missed": ("{heartbeat}", "Jobs and loops of the service that have not run for too long"),
}

BOOKS_EVERY_SECONDS = 300.0
"""The checks read whole tables."""

BOOKS: Gauges = {"invariants.violated": ("{check}", "Checks of the service's books that do not hold")}

POOL: Gauges = {
    "db.pool.in_use": ("{connection}", "Connections in use"),
    "db.pool.waiting": ("{request}", "Who wait for a connection"),
    "db.pool.limit": ("{connection}", "Connections that there may be at most"),
}

Read = Callable[[], Awaitable[Mapping[str, float]]]
"""The present values by the names of the gauges."""


class Vitals:
    """Reads the values of gauges every so often on the event loop: exporting them never waits for a database."""

    name = "vitals"

    def __init__(self, read: Read, gauges: Gauges, every_seconds: float) -> None:
        self._read = read
        self._every_seconds = every_seconds
        self._values: Mapping[str, float] = {}
        self._stopping = asyncio.Event()
        for name, (unit, description) in gauges.items():
            meter.create_observable_gauge(name, [self._observer(name)], unit, description)

    def stop(self) -> None:
        """Reads no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Reads until stopped. What can't be read is not reported: a gap shows better than an old value."""
        while not self._stopping.is_set():
            try:
                with suppress_instrumentation():
                    self._values = await self._read()
            except Exception as error:  # measuring must not end the worker
                self._values = {}
                log.debug("vitals not read: %s", type(error).__name__)
            await self._pause()

    def _observer(self, name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            if name in self._values:
                yield Observation(self._values[name])

        return observe

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._every_seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def observe_pool(in_use: Callable[[], int], waiting: Callable[[], int], limit: int) -> None:
    """Reports how many connections of the database's pool are in use, of how many, and how many wait for one."""
    reads = {"db.pool.in_use": in_use, "db.pool.waiting": waiting, "db.pool.limit": lambda: limit}
    for name, (unit, description) in POOL.items():
        meter.create_observable_gauge(name, [_observing(reads[name])], unit, description)


def _observing(read: Callable[[], int]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(read())]
