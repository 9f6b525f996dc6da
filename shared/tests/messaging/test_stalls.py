"""A consumer to whom nothing comes although messages wait helps itself, or ends for its supervisor."""

import asyncio

import pytest
from aio_pika.abc import AbstractQueue
from shared.contracts.booking import AlertRaised
from shared.messaging.consumer import STALLED_AFTER_SECONDS, Consumer, Stalled
from shared.testing.waiting import wait_until_async

from .conftest import SERVICE, Note, Probe, an_alert, running_loop, wire


class Forgotten(Consumer):
    """One whose first `times` subscriptions the broker has forgotten for half a minute."""

    times = 0
    connections = 0

    async def _subscribe(self, queue: AbstractQueue) -> str:
        self.connections += 1
        if self.connections > self.times:
            return await super()._subscribe(queue)
        self.last_handled = asyncio.get_running_loop().time() - STALLED_AFTER_SECONDS
        return ""


def forgotten(probe: Probe, times: int) -> Forgotten:
    handlers = {AlertRaised: lambda event: Note(event.key)}
    consumer = Forgotten(SERVICE, probe.rabbitmq_url, probe.database, probe.commands, handlers)
    consumer.times = times
    return consumer


async def test_who_connects_anew_in_vain_ends(probe: Probe) -> None:
    consumer = forgotten(probe, times=2)
    await probe.publish(wire(an_alert("waits")))
    with pytest.raises(Stalled):
        await asyncio.wait_for(consumer.run(), 150)
    assert (consumer.connections, consumer.idle_with_backlog) == (2, True)


async def test_who_gets_messages_again_goes_on(probe: Probe) -> None:
    consumer = forgotten(probe, times=1)
    await probe.publish(wire(an_alert("waits")))

    async def is_handled() -> bool:
        return await probe.effects() == ["waits"]

    async with running_loop(consumer):
        await wait_until_async(is_handled, what="the message that waited")
        await wait_until_async(lambda: _is(not consumer.idle_with_backlog), what="the end of the alarm")
    assert consumer.connections == 2


async def _is(value: bool) -> bool:
    return value
