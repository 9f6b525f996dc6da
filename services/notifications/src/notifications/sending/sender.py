"""The worker's loop that sends messages."""

import asyncio
import logging
from uuid import UUID

from psycopg import Error as DriverError
from shared.commands import Commands
from sqlalchemy.exc import SQLAlchemyError

from notifications.commands.claim_messages import BATCH, LEASE, ClaimedMessage, ClaimMessages
from notifications.commands.finish_messages import Delivery, FinishMessages
from notifications.sending.post import HAND_OVER_SECONDS, PostOffice

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.05
"""How long a message waits for company: claiming and writing down cost as much for ten messages as for one."""

AT_ONCE = 5
WRITING_DOWN_SECONDS = 12.0
"""What stays of a lease for writing an outcome down, when the last message of a batch was handed over in no time."""

PAUSE_SECONDS = 0.5
"""Between two tries of writing outcomes down."""

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


class Notes:
    """Writes down what became of messages, as soon as it is known; outcomes that come together go together."""

    def __init__(self, commands: Commands, leased_until: float) -> None:
        """`leased_until` is by the clock of the loop; after it the messages may be in other hands."""
        self._commands = commands
        self._leased_until = leased_until
        self._waiting: dict[UUID, Delivery] = {}
        self._writing = asyncio.Lock()

    async def take(self, delivery: Delivery) -> None:
        """Returns once the outcome is written down, or was given up because the lease has ended."""
        self._waiting[delivery.message.id] = delivery
        await asyncio.sleep(0)
        async with self._writing:
            if delivery.message.id in self._waiting:
                together, self._waiting = list(self._waiting.values()), {}
                await self._write(together)

    async def _write(self, deliveries: list[Delivery]) -> None:
        """A lost connection may have written them all the same; a second time changes nothing then."""
        while True:
            try:
                await self._commands.execute(FinishMessages(deliveries))
            except _DATABASE_ERRORS as error:
                log.warning("outcomes not written down", extra={"error": f"{type(error).__name__}: {error}"[:300]})
            else:
                return
            if asyncio.get_running_loop().time() + PAUSE_SECONDS > self._leased_until:
                log.error("outcomes given up; the messages go once more", extra={"messages": len(deliveries)})
                return
            await asyncio.sleep(PAUSE_SECONDS)


class Sender:
    """Claims what is due, hands it over, and writes down what became of it, until it is told to stop.

    No more than 5 messages are ever handed over without that being written down. A process that dies with those leaves
    them `sending`; when their lease of 60 s has ended, they are sent once more under the same Message-ID. Several
    workers share the work by skipping what another one has claimed.
    """

    name = "sender"

    def __init__(self, commands: Commands, post: PostOffice, bell: Bell) -> None:
        self._commands = commands
        self._post = post
        self._bell = bell
        self._stopping = False
        self.last_beat = 0.0

    def stop(self) -> None:
        """Ends `run` after the messages in hand; what was claimed beside them goes back."""
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
        leased_until = asyncio.get_running_loop().time() + LEASE.total_seconds()
        claimed: list[ClaimedMessage] = await self._commands.execute(ClaimMessages())
        if claimed:
            gate, notes = asyncio.Semaphore(AT_ONCE), Notes(self._commands, leased_until)
            last_start = leased_until - HAND_OVER_SECONDS - WRITING_DOWN_SECONDS
            await asyncio.gather(*(self._send(message, gate, notes, last_start) for message in claimed))
        return len(claimed)

    async def _send(self, message: ClaimedMessage, gate: asyncio.Semaphore, notes: Notes, last_start: float) -> None:
        """A message goes back unsent when the process is about to end, or its lease."""
        async with gate:
            self.last_beat = asyncio.get_running_loop().time()
            if self._stopping or self.last_beat > last_start:
                await notes.take(Delivery(message, reason="It waits for another process.", is_returned=True))
            else:
                await notes.take(await self._post.deliver(message))
