"""Carries one message out as the command that it means, or decides what becomes of it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind

from shared.commands import ALREADY_HANDLED, Commands
from shared.context import causation_id, correlation_id, event_time
from shared.contracts.base import Event
from shared.db.engine import Database
from shared.messaging.envelope import Received, UnknownEvent, decode
from shared.messaging.outcome import Outcome, Park, Pause, Retry, decide
from shared.messaging.parking import park
from shared.messaging.topology import RETRY_TIERS, RetryTier, retry_queue
from shared.telemetry import remote_context, tracer

log = logging.getLogger(__name__)

EventHandlers = Mapping[type[Event], Callable[[Any], Any]]
"""Contract → the command that it becomes here."""

HANDLER_TIMEOUT_SECONDS = 20
"""A handler that is cut off may have committed: it is tried again, and the inbox knows."""

ATTEMPT_HEADER = "x-attempt"


@dataclass(frozen=True, slots=True)
class ReceivedFrom:
    """Where a command came from: which consumer handles which event."""

    consumer: str
    event_id: UUID


class Handling:
    """What a service does with a message; `publishing` is the channel for copies that are tried again later."""

    def __init__(self, service: str, database: Database, commands: Commands, handlers: EventHandlers) -> None:
        self._service = service
        self._database = database
        self._commands = commands
        self._handlers = handlers
        self.publishing: AbstractChannel | None = None

    async def __call__(self, message: AbstractIncomingMessage) -> str:
        """How it went: handled, duplicate, unknown, parked or retried. Raises when the message has to go back."""
        attempt = _attempt_of(message)
        try:
            async with asyncio.timeout(HANDLER_TIMEOUT_SECONDS):
                return await self._carry_out(message.body)
        except UnknownEvent as unknown:
            log.warning("event of an unknown type", extra={"event_type": str(unknown)})
            return "unknown"
        except Exception as error:
            outcome = decide(error, attempt)
            _tell(message, error, outcome, attempt)
            if isinstance(outcome, Pause):
                raise
        if isinstance(outcome, Park):
            await park(self._database, message.body, dict(message.headers), outcome.reason, attempt)
            return "parked"
        await self._retry_later(message, outcome.tier, attempt)
        return "retried"

    async def _carry_out(self, body: bytes) -> str:
        received = decode(body)
        to_command = self._handlers.get(type(received.event))
        if to_command is None:
            raise UnknownEvent(received.type)
        token = otel_context.attach(remote_context(received.traceparent))
        correlation_id.set(received.correlation_id)
        causation_id.set(str(received.id))
        event_time.set(received.time)
        try:
            with tracer.start_as_current_span(f"process {received.type}", kind=SpanKind.CONSUMER):
                return await self._execute(received, to_command(received.event))
        finally:
            otel_context.detach(token)

    async def _execute(self, received: Received, command: Any) -> str:
        result = await self._commands.execute(command, ReceivedFrom(self._service, received.id))
        outcome = "duplicate" if result is ALREADY_HANDLED else "handled"
        log.debug("event %s", outcome, extra={"event_type": received.type, "event_id": received.id})
        return outcome

    async def _retry_later(self, message: AbstractIncomingMessage, tier: RetryTier, attempt: int) -> None:
        """A confirmed copy goes to the tier's queue before the original is acknowledged, so that none is ever lost."""
        assert self.publishing is not None
        copy = aio_pika.Message(
            message.body,
            headers={**message.headers, ATTEMPT_HEADER: attempt + 1},
            content_type=message.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=message.message_id,
            type=message.type,
        )
        await self.publishing.default_exchange.publish(
            copy, routing_key=retry_queue(self._service, tier), mandatory=True, timeout=3
        )


def _tell(message: AbstractIncomingMessage, error: Exception, outcome: Outcome, attempt: int) -> None:
    """Ids and kinds only: what a message says is for the parked table, not for logs."""
    details = {
        "event_id": message.message_id,
        "event_type": message.type,
        "attempt": attempt,
        "outcome": type(outcome).__name__.lower(),
        "error": type(error).__name__,
    }
    log.warning("message failed", extra=details, exc_info=error if isinstance(outcome, Retry) else None)


def _attempt_of(message: AbstractIncomingMessage) -> int:
    try:
        return max(1, min(int(str(message.headers.get(ATTEMPT_HEADER, 1))), len(RETRY_TIERS) + 1))
    except ValueError:
        return 1
