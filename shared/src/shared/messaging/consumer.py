"""Takes a service's events from its queue and carries each out as the command it means.

Every delivery is settled here on every path: after the commit it is acknowledged; a failure is decided upon by
`outcome.decide`. A delivery whose channel died is delivered again, and the inbox makes that harmless.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind

from shared.commands import ALREADY_HANDLED, Commands
from shared.context import causation_id, correlation_id
from shared.contracts.base import Event
from shared.db.engine import Database
from shared.messaging.broker import BROKER_ERRORS, close_quietly, connect, publishing_channel
from shared.messaging.envelope import Received, UnknownEvent, decode
from shared.messaging.outcome import Park, Pause, Retry, decide
from shared.messaging.parking import park
from shared.messaging.topology import RETRY_TIERS, RetryTier, dead_queue, declare_service, retry_queue
from shared.telemetry import meter, remote_context, tracer

log = logging.getLogger(__name__)

EventHandlers = Mapping[type[Event], Callable[[Any], Any]]
"""Contract → the command that it becomes here."""

HANDLER_TIMEOUT_SECONDS = 20
PARALLEL_HANDLERS = 4
STALLED_AFTER_SECONDS = 30
ATTEMPT_HEADER = "x-attempt"

_handled = meter.create_counter("consumer.handled", description="Messages settled, by outcome")


@dataclass(frozen=True, slots=True)
class ReceivedFrom:
    """Where a command came from: which consumer handles which event."""

    consumer: str
    event_id: UUID


class Stalled(ConnectionError):
    """Messages wait in the queue and none arrives: the connection has to be built anew."""


class Consumer:
    """Consumes the events queue of one service until it is told to stop.

    `last_beat` and `last_handled` are on the event loop's clock.
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
        self._commands = commands
        self._handlers = handlers
        self._prefetch = prefetch
        self._slots = asyncio.Semaphore(PARALLEL_HANDLERS)
        self._in_hand: set[asyncio.Task[None]] = set()
        self._must_pause = asyncio.Event()
        self._stopping = asyncio.Event()
        self._publishing: AbstractChannel | None = None
        self._stalls = 0
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
            async with publishing_channel(publishing) as self._publishing:
                queue = await declare_service(channel, self._service, self._handlers)
                graveyard = await channel.get_queue(dead_queue(self._service))
                await graveyard.consume(self._bury, timeout=5)
                await self._consume(queue, (consuming, publishing))
        finally:
            await self._finish_in_hand()
            await close_quietly(consuming)
            await close_quietly(publishing)

    async def _consume(self, queue: AbstractQueue, connections: tuple[AbstractConnection, ...]) -> None:
        tag = await queue.consume(self._receive, timeout=5)
        loop = asyncio.get_running_loop()
        self.last_handled = loop.time()
        while not self._stopping.is_set():
            if any(connection.is_closed for connection in connections) or queue.channel.is_closed:
                raise ConnectionError("the broker closed the connection")
            if self._must_pause.is_set():
                await queue.cancel(tag, timeout=5)
                await self._until_database_answers()
                tag = await queue.consume(self._receive, timeout=5)
            await self._check_flow(queue)
            await self._wait(1)
        await queue.cancel(tag, timeout=5)

    async def _check_flow(self, queue: AbstractQueue) -> None:
        idle = asyncio.get_running_loop().time() - self.last_handled
        if idle < STALLED_AFTER_SECONDS or self._in_hand:
            return
        self.last_handled += STALLED_AFTER_SECONDS / 2
        state = await queue.channel.declare_queue(queue.name, passive=True, timeout=5)
        if state.declaration_result.message_count:
            raise Stalled(f"{state.declaration_result.message_count} messages wait in {queue.name}")

    async def _until_database_answers(self) -> None:
        await self._finish_in_hand()
        log.error("consumer paused: the database does not answer")
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(self._database.ping(), 5)
            except Exception as error:  # whatever a down database raises, the answer is to wait
                log.debug("database still down: %s", error)
                await self._wait(1)
            else:
                log.info("consumer goes on")
                break
        self._must_pause.clear()

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
        try:
            if self._must_pause.is_set() or self._stopping.is_set():
                await message.nack(requeue=True)
                return
            outcome = await self._handle(message)
            await message.ack()
            _handled.add(1, {"outcome": outcome})
            self.last_handled = asyncio.get_running_loop().time()
            self._stalls = 0
        except _PausedError:
            self._must_pause.set()
            await _swallow_broker_errors(message.nack(requeue=True))
        except BROKER_ERRORS as error:
            log.warning("message not settled", extra={"error": f"{type(error).__name__}: {error}"})

    async def _handle(self, message: AbstractIncomingMessage) -> str:
        attempt = _attempt_of(message)
        try:
            return await asyncio.wait_for(self._carry_out(message.body), HANDLER_TIMEOUT_SECONDS)
        except UnknownEvent as unknown:
            log.warning("event of an unknown type", extra={"event_type": str(unknown)})
            return "unknown"
        except Exception as error:
            outcome = decide(error, attempt)
            unexpected = error if isinstance(outcome, Retry) else None
            log.warning("message failed", extra={"attempt": attempt, "outcome": str(outcome)}, exc_info=unexpected)
        match outcome:
            case Pause():
                raise _PausedError
            case Park(reason):
                await self._park(message, reason, attempt)
                return "parked"
            case Retry(tier, _):
                await self._retry_later(message, tier, attempt)
                return "retried"

    async def _carry_out(self, body: bytes) -> str:
        received = decode(body)
        to_command = self._handlers.get(type(received.event))
        if to_command is None:
            raise UnknownEvent(received.type)
        token = otel_context.attach(remote_context(received.traceparent))
        correlation_id.set(received.correlation_id)
        causation_id.set(str(received.id))
        try:
            with tracer.start_as_current_span(f"process {received.type}", kind=SpanKind.CONSUMER):
                return await self._execute(received, to_command(received.event))
        finally:
            otel_context.detach(token)

    async def _execute(self, received: Received, command: Any) -> str:
        result = await self._commands.execute(command, ReceivedFrom(self._service, received.id))
        outcome = "duplicate" if result is ALREADY_HANDLED else "handled"
        log.info("event %s", outcome, extra={"event_type": received.type, "event_id": str(received.id)})
        return outcome

    async def _park(self, message: AbstractIncomingMessage, reason: str, attempt: int) -> None:
        try:
            await park(self._database, message.body, dict(message.headers), reason, attempt)
        except Exception as error:
            log.warning("parking failed: %s", error)
            raise _PausedError from error

    async def _retry_later(self, message: AbstractIncomingMessage, tier: RetryTier, attempt: int) -> None:
        """A confirmed copy goes to the tier's queue before the original is acknowledged, so that none is ever lost."""
        assert self._publishing is not None
        copy = aio_pika.Message(
            message.body,
            headers={**message.headers, ATTEMPT_HEADER: attempt + 1},
            content_type=message.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=message.message_id,
            type=message.type,
        )
        await self._publishing.default_exchange.publish(
            copy, routing_key=retry_queue(self._service, tier), mandatory=True, timeout=3
        )

    async def _bury(self, message: AbstractIncomingMessage) -> None:
        """What the broker gave up on goes to the parked table like everything else that people must see."""
        try:
            await park(self._database, message.body, dict(message.headers), "given up by the broker", 1)
            await message.ack()
        except Exception as error:
            log.warning("burying failed: %s", error)
            await _swallow_broker_errors(message.nack(requeue=True))


class _PausedError(Exception):
    """Our own infrastructure failed; the message goes back."""


async def _swallow_broker_errors(settling: Any) -> None:
    try:
        await settling
    except BROKER_ERRORS as error:
        log.debug("settling on a dead channel: %s", error)


def _attempt_of(message: AbstractIncomingMessage) -> int:
    try:
        return max(1, min(int(str(message.headers.get(ATTEMPT_HEADER, 1))), len(RETRY_TIERS) + 1))
    except ValueError:
        return 1
