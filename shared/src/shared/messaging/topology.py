"""The broker's exchanges and queues, declared in this one place, always the same way.

Every service has one durable quorum queue bound to the events it handles; three retry queues that give a message back
to that queue after a pause; and a dead queue, which is only a net: this code counts attempts itself and parks messages
in a table. The net catches what the broker gives up on after 50 deliveries, and itself gives nothing up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue

from shared.contracts.base import Event

EXCHANGE = "totetaxi.events"
DEAD_EXCHANGE = "totetaxi.dead"
DELIVERY_LIMIT = 50
NEVER = 1_000_000_000
"""Deliveries after which the dead queue would drop a message. Without a limit of its own RabbitMQ 4 drops after 20."""

TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class RetryTier:
    """A pause before a message is tried again."""

    name: str
    seconds: int


RETRY_TIERS = (RetryTier("5s", 5), RetryTier("30s", 30), RetryTier("5m", 300))


def events_queue(service: str) -> str:
    """The queue that `service` reads its events from."""
    return f"{service}.events"


def retry_queue(service: str, tier: RetryTier) -> str:
    """The queue in which messages of `service` wait for their next attempt."""
    return f"{service}.events.retry.{tier.name}"


def dead_queue(service: str) -> str:
    """The queue of messages that the broker gave up on."""
    return f"{service}.events.given-up"


def _dead_key(service: str) -> str:
    """What the broker sends such messages under."""
    return f"{service}.events.dead"


async def declare_exchange(channel: AbstractChannel) -> AbstractExchange:
    """The exchange that all events go through."""
    return await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True, timeout=TIMEOUT_SECONDS)


async def declare_service(channel: AbstractChannel, service: str, events: Iterable[type[Event]]) -> AbstractQueue:
    """Declares all that `service` owns at the broker and returns its events queue. Safe to repeat."""
    exchange = await declare_exchange(channel)
    dead = await channel.declare_exchange(DEAD_EXCHANGE, ExchangeType.DIRECT, durable=True, timeout=TIMEOUT_SECONDS)
    graveyard = await _declare_quorum(channel, dead_queue(service), {"x-delivery-limit": NEVER})
    await graveyard.bind(dead, routing_key=_dead_key(service), timeout=TIMEOUT_SECONDS)
    for tier in RETRY_TIERS:
        await _declare_quorum(
            channel,
            retry_queue(service, tier),
            {"x-message-ttl": tier.seconds * 1000, **_dead_letters_to("", events_queue(service))},
        )
    queue = await _declare_quorum(
        channel,
        events_queue(service),
        {"x-delivery-limit": DELIVERY_LIMIT, **_dead_letters_to(DEAD_EXCHANGE, _dead_key(service))},
    )
    for event in events:
        await queue.bind(exchange, routing_key=event.type, timeout=TIMEOUT_SECONDS)
    return queue


def _dead_letters_to(exchange: str, routing_key: str) -> dict[str, str]:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": routing_key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def _declare_quorum(
    channel: AbstractChannel, name: str, arguments: dict[str, str | int] | None = None
) -> AbstractQueue:
    return await channel.declare_queue(
        name, durable=True, arguments={"x-queue-type": "quorum", **(arguments or {})}, timeout=TIMEOUT_SECONDS
    )
