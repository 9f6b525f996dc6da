"""A service's broker login reaches its own queues and the common exchanges, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused
from devstack.folder import RunFolder
from devstack.infrastructure import VHOST, create_broker_login
from shared.contracts.subscribers import SUBSCRIBERS
from shared.messaging.topology import declare_service, events_queue
from shared.testing.servers import RabbitServer


@pytest.fixture
def login(rabbitmq_server: RabbitServer, tmp_path: Path) -> Iterator[str]:
    rabbitmq_server.create_vhost(VHOST)
    yield create_broker_login(rabbitmq_server, "payments", RunFolder(tmp_path))
    rabbitmq_server.management.delete_vhost(VHOST)


async def test_it_is_enough_for_all_that_a_service_declares(login: str) -> None:
    async with await aio_pika.connect(login) as connection:
        channel = await connection.channel()
        queue = await declare_service(channel, "payments", SUBSCRIBERS["payments"])
        exchange = await channel.get_exchange("totetaxi.events")
        await exchange.publish(aio_pika.Message(b"{}"), SUBSCRIBERS["payments"][0].type)
        await channel.default_exchange.publish(aio_pika.Message(b"{}"), "payments.events.retry.5s")
        assert queue.name == events_queue("payments")


async def declare_of_another(channel: AbstractChannel) -> None:
    await channel.declare_queue("booking.events", durable=True)


async def read_of_another(channel: AbstractChannel) -> None:
    queue = await channel.get_queue("booking.events", ensure=False)
    await queue.get(timeout=60)


async def publish_to_another_exchange(channel: AbstractChannel) -> None:
    exchange = await channel.get_exchange("amq.topic", ensure=False)
    await exchange.publish(aio_pika.Message(b""), "x", timeout=60)


@pytest.mark.parametrize("attempt", [declare_of_another, read_of_another, publish_to_another_exchange])
async def test_it_may_not_touch_what_is_others(login: str, rabbitmq_server: RabbitServer, attempt: object) -> None:
    async with await aio_pika.connect(rabbitmq_server.url(VHOST)) as connection:
        channel = await connection.channel()
        await channel.declare_queue("booking.events", durable=True)
    async with await aio_pika.connect(login) as connection:
        with pytest.raises(ChannelAccessRefused):
            await attempt(await connection.channel())  # type: ignore[operator]
