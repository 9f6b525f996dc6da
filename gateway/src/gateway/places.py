"""How many requests a service gets at once. An upload lasts as long as its sender likes, so uploads have their own."""

import asyncio
from collections.abc import Callable
from weakref import WeakValueDictionary

MOST_IN_FLIGHT = 64
MOST_UPLOADS = 16
MOST_UPLOADS_OF_ONE_SENDER = 3
QUEUE_SECONDS = 1.0
UPLOAD_QUEUE_SECONDS = 10.0
"""Nothing but a connection is held while an upload waits, and a phone sends all of its photos at once."""

GiveBack = Callable[[], None]


class Places:
    """Those of one service. Taking one raises TimeoutError when none is free in time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._uploads = asyncio.Semaphore(MOST_UPLOADS)
        self._of_senders: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def take(self) -> GiveBack:
        """A place for a request that has arrived whole."""
        if self._free.locked():
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._free.acquire()
        else:
            await self._free.acquire()
        return self._free.release

    async def take_for_upload(self, sender: str) -> GiveBack:
        """A place for an upload of the network `sender`."""
        own = self._of_senders.get(sender)
        if own is None:
            own = self._of_senders[sender] = asyncio.Semaphore(MOST_UPLOADS_OF_ONE_SENDER)
        async with asyncio.timeout(UPLOAD_QUEUE_SECONDS):
            await own.acquire()
            try:
                await self._uploads.acquire()
            except BaseException:
                own.release()
                raise

        def give_back() -> None:
            self._uploads.release()
            own.release()

        return give_back
