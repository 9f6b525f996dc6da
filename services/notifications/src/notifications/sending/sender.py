"""The worker's loop that sends messages."""

import asyncio
import logging

from psycopg import Error as DriverError
from shared.commands import Commands
from sqlalchemy.exc import SQLAlchemyError

from notifications.commands.claim_messages import BATCH, ClaimedMessage, ClaimMessages
from notifications.commands.finish_messages import Delivery, FinishMessages
from notifications.sending.post import PostOffice

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.05
"""How long a message waits for company: claiming and writing down cost as much for ten messages as for one."""

AT_ONCE = 5
_DATABASE_ERRORS = (SQLAlchemyError, DriverError, OSError)


class Bell:
    """Rung after a message was written, so that the sender of the same process need not poll."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There is a message to send."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Returns shortly after the bell is rung, so that messages written together are sent together, or after
        `seconds`.
        """
        try:
            await asyncio.wait_for(self._rung.wait(), seconds)
            await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            return
        finally:
            self._rung.clear()


class Sender:
    """Claims what is due, hands it over, and writes down what became of it, until it is told to stop.

    A process that dies in between leaves its messages `sending`; when their lease of 60 s has ended, they are sent once
    more under the same Message-ID. Several workers share the work by skipping what another one has claimed.
    """

    name = "sender"

    def __init__(self, commands: Commands, post: PostOffice, bell: Bell) -> None:
        self._commands = commands
        self._post = post
        self._bell = bell
        self._stopping = False
        self.last_beat = 0.0

    def stop(self) -> None:
        """Ends `run` after the batch in hand."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Sends until stopped."""
        while not self._stopping:
            self.last_beat = asyncio.get_running_loop().time()
            if not await self._turn():
                await self._bell.wait(POLL_SECONDS)

    async def _turn(self) -> bool:
        """Sends a batch; true if there is probably more."""
        try:
            return await self.send_batch() == BATCH
        except _DATABASE_ERRORS as error:
            log.warning("sender interrupted", extra={"error": f"{type(error).__name__}: {error}"[:300]})
            return False

    async def send_batch(self) -> int:
        """Sends up to 20 messages that are due; returns how many there were."""
        claimed: list[ClaimedMessage] = await self._commands.execute(ClaimMessages())
        if claimed:
            gate = asyncio.Semaphore(AT_ONCE)
            deliveries = await asyncio.gather(*(self._deliver(gate, message) for message in claimed))
            await self._commands.execute(FinishMessages(deliveries))
        return len(claimed)

    async def _deliver(self, gate: asyncio.Semaphore, message: ClaimedMessage) -> Delivery:
        async with gate:
            return await self._post.deliver(message)
