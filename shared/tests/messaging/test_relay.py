"""Events leave the outbox at least once, each aggregate's in order, whatever breaks on the way."""

import asyncio
import os
import signal

import aio_pika
import orjson
import pytest
from shared.clock import utc_now
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.messaging import relay
from shared.messaging.broker import BROKER_ERRORS, close_quietly
from shared.messaging.topology import declare_service
from shared.testing.servers import RabbitServer
from shared.testing.waiting import wait_until_async
from sqlalchemy import text

from .conftest import HEARD_EVENT, SERVICE, Probe, Raise, an_alert


@pytest.fixture
def once(patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is slow makes the relay tell an event again, as it may."""
    monkeypatch.setattr(relay, "PUBLISH_TIMEOUT_SECONDS", 120)


class Listener:
    """A queue bound like a service's, and what arrived in it."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.received: list[dict] = []

    async def __aenter__(self) -> "Listener":
        await wait_until_async(self._listens, what="a broker that makes queues")
        return self

    async def _listens(self) -> bool:
        """A broker that has just been started again may answer with an internal error at first."""
        connection = None
        try:
            connection = self._connection = await aio_pika.connect(self._probe.rabbitmq_url)
            queue = await declare_service(await connection.channel(), SERVICE, (HEARD_EVENT,))
            await queue.consume(self._note, no_ack=True)
        except BROKER_ERRORS:
            await close_quietly(connection)
            return False
        return True

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def _note(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        self.received.append(orjson.loads(message.body))

    def has_heard(self, versions: int, *alerts: object) -> bool:
        """Whether each alert has come in all its versions, the first to the last."""
        return all(set(self.versions_of(alert)) == set(range(1, versions + 1)) for alert in alerts)

    def versions_of(self, alert_id: object) -> list[int]:
        return [int(event["sequence"]) for event in self.received if event["subject"] == str(alert_id)]


async def all_published(probe: Probe) -> None:
    async def none_waits() -> bool:
        return await probe.waiting() == 0

    await wait_until_async(none_waits, what="the outbox to be empty")


@pytest.mark.usefixtures("once")
async def test_events_of_many_aggregates_arrive_once_and_in_the_order_of_their_versions(probe: Probe) -> None:
    alerts = [new_id() for _ in range(20)]
    async with Listener(probe) as listener, probe.relaying(count=2):
        for start in (1, 6):
            versions = tuple(range(start, start + 5))
            await asyncio.gather(*(probe.commands.execute(Raise(alert, versions)) for alert in alerts))
        await all_published(probe)
        await wait_until_async(lambda: _is(len(listener.received) == 200), what="200 events")
    assert all(listener.versions_of(alert) == list(range(1, 11)) for alert in alerts)


async def _is(value: bool) -> bool:
    return value


@pytest.mark.usefixtures("once")
async def test_an_event_whose_transaction_commits_after_a_later_one_is_not_skipped(probe: Probe) -> None:
    late, early = new_id(), new_id()
    async with Listener(probe) as listener, probe.relaying():
        async with probe.database.transaction() as connection:
            uow = UnitOfWork(connection, utc_now())
            uow.record(an_alert("late", late), 1)
            await uow.flush()
            await connection.execute(text("SELECT 1"))
            await probe.commands.execute(Raise(early, (1,)))
            await wait_until_async(lambda: _is(bool(listener.versions_of(early))), what="the event committed first")
            assert not listener.versions_of(late)
        await wait_until_async(lambda: _is(bool(listener.versions_of(late))), what="the event committed last")


@pytest.mark.usefixtures("once")
async def test_an_event_that_reaches_no_queue_waits_and_holds_back_only_its_own_aggregate(probe: Probe) -> None:
    alert = new_id()
    async with probe.relaying():
        await probe.commands.execute(Raise(alert, (1, 2)))

        async def tried() -> bool:
            return await tries(probe) > 0

        await wait_until_async(tried, what="a first attempt")
        assert await probe.waiting() == 2
        async with Listener(probe) as listener:
            await all_published(probe)
            await wait_until_async(lambda: _is(len(listener.received) == 2), what="both events")
        assert listener.versions_of(alert) == [1, 2]


async def test_events_wait_while_the_broker_is_down_and_flow_when_it_is_back(
    mortal_probe: Probe, mortal_rabbitmq: RabbitServer
) -> None:
    probe = mortal_probe
    async with Listener(probe):
        pass
    alert = new_id()
    await wait_until_async(lambda: _is(mortal_rabbitmq.quorum_queues_are_on_disk()), what="the queues on disk")
    async with probe.relaying():
        mortal_rabbitmq.kill()
        for version in (1, 2, 3):
            await probe.commands.execute(Raise(alert, (version,)))
        assert await probe.waiting() == 3
        mortal_rabbitmq.start()
        await all_published(probe)
        async with Listener(probe) as listener:
            await wait_until_async(lambda: _is(listener.has_heard(3, alert)), what="the events")
    assert sorted(set(listener.versions_of(alert))) == [1, 2, 3]


async def test_a_broker_that_does_not_answer_counts_against_no_event(
    mortal_probe: Probe, mortal_rabbitmq: RabbitServer, caplog: pytest.LogCaptureFixture
) -> None:
    probe, alerts = mortal_probe, [new_id() for _ in range(20)]
    async with Listener(probe) as listener, probe.relaying() as (running,):
        await wait_until_async(lambda: _is(running.last_success > 0), what="a first turn")
        os.kill(mortal_rabbitmq.pid, signal.SIGSTOP)
        try:
            for alert in alerts:
                await probe.commands.execute(Raise(alert, (1, 2)))
            await wait_until_async(lambda: _is("relay interrupted" in caplog.text), what="the relay to notice")
            noticed = running.last_success
            await wait_until_async(lambda: _is(_interruptions(caplog) > 1), what="another attempt")
            assert running.last_success == noticed
        finally:
            os.kill(mortal_rabbitmq.pid, signal.SIGCONT)
        await all_published(probe)
        await wait_until_async(lambda: _is(listener.has_heard(2, *alerts)), what="all events")
    for alert in alerts:
        assert list(dict.fromkeys(listener.versions_of(alert))) == [1, 2]
    assert await tries(probe) == 0


def _interruptions(caplog: pytest.LogCaptureFixture) -> int:
    return caplog.text.count("relay interrupted")


async def tries(probe: Probe) -> int:
    row = await probe.database.fetch_one(text("SELECT sum(attempts) FROM outbox"))
    return int(row[0]) if row else 0


@pytest.mark.usefixtures("once")
async def test_a_retry_that_waits_for_a_clock_that_was_set_back_is_due(probe: Probe) -> None:
    alert = new_id()
    await probe.commands.execute(Raise(alert, (1, 2)))
    async with probe.database.transaction() as connection:
        await connection.execute(text("UPDATE outbox SET next_attempt_at = now() + interval '5 hours'"))
    async with Listener(probe) as listener, probe.relaying():
        await wait_until_async(lambda: _is(len(listener.received) == 2), what="both events")
    assert listener.versions_of(alert) == [1, 2]


@pytest.mark.usefixtures("once")
async def test_a_rolled_back_command_publishes_nothing(probe: Probe) -> None:
    async with Listener(probe) as listener, probe.relaying():
        with pytest.raises(Exception, match="out of range"):
            await probe.commands.execute(Raise(new_id(), (1, 1_000_000_000_000_000_000_000)))
        good = new_id()
        await probe.commands.execute(Raise(good, (1,)))
        await wait_until_async(lambda: _is(bool(listener.versions_of(good))), what="the good event")
    assert len(listener.received) == 1


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("fate", ["next_attempt_at = now() + interval '5 minutes'", "parked_at = now()"])
async def test_what_waits_or_was_given_up_holds_back_what_follows_of_its_own_aggregate(probe: Probe, fate: str) -> None:
    held, other = new_id(), new_id()
    await probe.commands.execute(Raise(held, (1, 2)))
    await probe.commands.execute(Raise(other, (1,)))
    async with probe.database.transaction() as connection:
        first = "UPDATE outbox SET {} WHERE aggregate_id = :held AND aggregate_version = 1"
        await connection.execute(text(first.format(fate)), {"held": held})

    async def is_other_published() -> bool:
        return await probe.waiting() < 3

    async with Listener(probe) as listener, probe.relaying():
        await wait_until_async(is_other_published, what="the other aggregate's event")
        assert await probe.waiting() == 2
        await wait_until_async(lambda: _is(bool(listener.versions_of(other))), what="the event in its queue")
    assert listener.versions_of(held) == []


async def test_an_event_that_is_refused_for_the_twentieth_time_is_parked(probe: Probe) -> None:
    await probe.commands.execute(Raise(new_id(), (1,)))
    async with probe.database.transaction() as connection:
        await connection.execute(text("UPDATE outbox SET attempts = 19"))

    async def is_tried() -> bool:
        return await tries(probe) > 19

    async with probe.relaying():
        await wait_until_async(is_tried, what="another attempt")
    row = await probe.database.fetch_one(
        text("SELECT attempts, parked_at IS NOT NULL, published_at, last_error FROM outbox")
    )
    assert row is not None
    assert tuple(row)[:3] == (20, True, None)
    assert "NO_ROUTE" in row[3]
