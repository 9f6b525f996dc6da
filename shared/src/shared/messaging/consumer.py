"""Takes a service's events from its queue and carries each out as the command it means.

Every delivery is settled here on every path: after the commit it is acknowledged; a failure is decided upon by
`outcome.decide`. A delivery whose channel died is delivered again, and the inbox makes that harmless.
"""

import asyncio
import logging
from typing import Any

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue

from shared.commands import Commands
from shared.db.engine import Database
from shared.messaging.broker import BROKER_ERRORS, close_quietly, connect, publishing_channel
from shared.messaging.handling import EventHandlers, Handling, ReceivedFrom
from shared.messaging.parking import park
from shared.messaging.topology import dead_queue, declare_service
from shared.telemetry import meter

__all__ = ["Consumer", "EventHandlers", "ReceivedFrom", "Stalled"]

log = logging.getLogger(__name__)

PARALLEL_HANDLERS = 4
STALLED_AFTER_SECONDS = 30
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30
BURY_AGAIN_AFTER_SECONDS = 5

_handled = meter.create_counter("consumer.handled", description="Messages settled, by outcome")


class Stalled(ConnectionError):
    """Messages wait in the queue and none arrives: the connection has to be built anew."""


class Consumer:
    """Consumes the events queue of one service until it is told to stop.

    `last_beat` and `last_handled` are on the event loop's clock; `idle_with_backlog` is for those who watch.
    """

    def __init__(
        self,
        service: str,
        rabbitmq_url: str,
        database: Database,
        commands: Commands,
        handlers: EventHandlers,
        prefetch: int = 20,
    ) -> None:
        self._service = service
        self._rabbitmq_url = rabbitmq_url
        self._database = database
        self._handlers = handlers
        self._handling = Handling(service, database, commands, handlers)
        self._prefetch = prefetch
        self._slots = asyncio.Semaphore(PARALLEL_HANDLERS)
        self._in_hand: set[asyncio.Task[None]] = set()
        self._must_pause = asyncio.Event()
        self._unsubscribed = asyncio.Event()
        self._pauses = 0
        self._stopping = asyncio.Event()
        self._stalls = 0
        self.idle_with_backlog = False
        self.last_beat = 0.0
        self.last_handled = 0.0

    def stop(self) -> None:
        """Takes no new message; those in hand are finished by `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Consumes until stopped; a lost broker is tried again every second, a lost database pauses consuming."""
        while not self._stopping.is_set():
            try:
                await self._run_connected()
            except Stalled:
                self._stalls += 1
                if self._stalls > 1:
                    raise
                log.error("consumer stalled, connecting anew")
            except BROKER_ERRORS as error:
                log.warning("consumer interrupted", extra={"error": f"{type(error).__name__}: {error}"})
            await self._wait(1)

    async def _run_connected(self) -> None:
        consuming = publishing = None
        try:
            consuming = await connect(self._rabbitmq_url, f"{self._service}-consumer")
            publishing = await connect(self._rabbitmq_url, f"{self._service}-retries")
            channel = consuming.channel()
            await asyncio.wait_for(channel.initialize(), 5)
            await channel.set_qos(prefetch_count=self._prefetch, timeout=5)
            async with publishing_channel(publishing) as self._handling.publishing:
                queue = await declare_service(channel, self._service, self._handlers)
                graveyard = await channel.get_queue(dead_queue(self._service))
                await graveyard.consume(self._bury, timeout=5)
                await self._consume(queue, (consuming, publishing))
        finally:
            self._unsubscribed.set()
            await self._finish_in_hand()
            await close_quietly(consuming)
            await close_quietly(publishing)

    async def _consume(self, queue: AbstractQueue, connections: tuple[AbstractConnection, ...]) -> None:
        tag = await self._subscribe(queue)
        while not self._stopping.is_set():
            if any(connection.is_closed for connection in connections) or queue.channel.is_closed:
                raise ConnectionError("the broker closed the connection")
            if self._must_pause.is_set():
                await self._unsubscribe(queue, tag)
                await self._until_all_is_well()
                tag = await self._subscribe(queue)
            await self._check_flow(queue)
            await self._wait(1)
        await self._unsubscribe(queue, tag)

    async def _subscribe(self, queue: AbstractQueue) -> str:
        self._unsubscribed.clear()
        self.last_handled = asyncio.get_running_loop().time()
        return await queue.consume(self._receive, timeout=5)

    async def _unsubscribe(self, queue: AbstractQueue, tag: str) -> None:
        await queue.cancel(tag, timeout=5)
        self._unsubscribed.set()

    async def _check_flow(self, queue: AbstractQueue) -> None:
        idle = asyncio.get_running_loop().time() - self.last_handled
        if idle < STALLED_AFTER_SECONDS or self._in_hand:
            return
        self.last_handled += STALLED_AFTER_SECONDS / 2
        state = await queue.channel.declare_queue(queue.name, passive=True, timeout=5)
        if state.declaration_result.message_count:
            self.idle_with_backlog = True
            raise Stalled(f"{state.declaration_result.message_count} messages wait in {queue.name}")

    async def _until_all_is_well(self) -> None:
        """Waits for the database, and longer each time that nothing could be handled between two pauses."""
        await self._finish_in_hand()
        self._pauses += 1
        log.error("consumer paused", extra={"pauses": self._pauses})
        await self._rest(min(FIRST_PAUSE_SECONDS * 2 ** min(self._pauses - 1, 10), LONGEST_PAUSE_SECONDS))
        while not self._stopping.is_set() and not await self._database_answers():
            await self._rest(1)
        self._must_pause.clear()

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(5):
                await self._database.ping()
        except Exception as error:  # whatever a down database raises, the answer is to wait
            log.debug("database still down: %s", error)
            return False
        return True

    async def _rest(self, seconds: float) -> None:
        """As `_wait`, but only stopping ends it early."""
        self.last_beat = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _wait(self, seconds: float) -> None:
        self.last_beat = asyncio.get_running_loop().time()
        waits = [asyncio.ensure_future(flag.wait()) for flag in (self._stopping, self._must_pause)]
        _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    async def _finish_in_hand(self) -> None:
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=8)

    async def _receive(self, message: AbstractIncomingMessage) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._in_hand.add(task)
        try:
            async with self._slots:
                await self._settle(message)
        finally:
            self._in_hand.discard(task)

    async def _settle(self, message: AbstractIncomingMessage) -> None:
        if self._must_pause.is_set() or self._stopping.is_set():
            await self._put_back(message)
            return
        try:
            outcome = await self._handling(message)
        except Exception as error:  # whatever keeps us from dealing with a failure
            log.warning("message put back", extra={"event_id": message.message_id, "error": type(error).__name__})
            self._must_pause.set()
            await self._put_back(message)
            return
        _handled.add(1, {"outcome": outcome})
        self.last_handled = asyncio.get_running_loop().time()
        self._stalls = self._pauses = 0
        self.idle_with_backlog = False
        await _swallow_broker_errors(message.ack())

    async def _put_back(self, message: AbstractIncomingMessage) -> None:
        """Only once the broker sends us nothing more: otherwise it would come back at once, and count as tried."""
        await self._unsubscribed.wait()
        await _swallow_broker_errors(message.nack(requeue=True))

    async def _bury(self, message: AbstractIncomingMessage) -> None:
        """What the broker gave up on goes to the parked table like everything else that people must see.

        While that is impossible the message stays in hand: given back, it would come again at once.
        """
        while not self._stopping.is_set() and not message.channel.is_closed:
            try:
                await park(self._database, message.body, dict(message.headers), "given up by the broker", 1)
            except Exception as error:  # whatever a down database raises
                log.warning("burying failed: %s", error)
                await self._rest(BURY_AGAIN_AFTER_SECONDS)
            else:
                await _swallow_broker_errors(message.ack())
                return


async def _swallow_broker_errors(settling: Any) -> None:
    try:
        await settling
    except BROKER_ERRORS as error:
        log.debug("settling on a dead channel: %s", error)
