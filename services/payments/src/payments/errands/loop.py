"""A loop of the worker that does errands as they come up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

PAUSE_AFTER_TROUBLE_SECONDS = 1.0


class ErrandLoop:
    """Calls `turn` until it is told to stop: at once again while it says that there is more, else after a pause.

    Several workers may run the same loop, as every errand is claimed before it is done.
    """

    def __init__(self, name: str, turn: Callable[[], Awaitable[bool]], poll_seconds: float) -> None:
        self.name = name
        self.last_beat = 0.0
        self._turn = turn
        self._poll_seconds = poll_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ends `run` after the batch in hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Works until stopped; a lost database is tried again every second."""
        while not self._stopping.is_set():
            self.last_beat = asyncio.get_running_loop().time()
            pause = self._poll_seconds
            try:
                pause = 0 if await self._turn() else pause
            except Exception as error:  # a lost database, most likely: the relay and the consumer wait for it too
                log.warning("errands interrupted", extra={"loop": self.name, "error": type(error).__name__})
                pause = PAUSE_AFTER_TROUBLE_SECONDS
            await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
