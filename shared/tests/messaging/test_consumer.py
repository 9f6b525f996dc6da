"""Every message has its effect once, is parked, or is tried again; never lost, never in the way of others."""

from dataclasses import dataclass

import aio_pika
import pytest
from psycopg import OperationalError as LostConnection
from shared.commands import Commands
from shared.contracts.booking import AlertRaised
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.messaging.consumer import ReceivedFrom
from shared.messaging.operations import retry_parked
from shared.messaging.topology import DEAD_EXCHANGE, NEVER, RETRY_TIERS, dead_queue, events_queue, retry_queue
from shared.testing.servers import RabbitServer
from shared.testing.waiting import wait_until_async
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from .conftest import SERVICE, Probe, an_alert, wire

PATIENCE = 150
"""Seconds. A message may have to wait in two retry queues."""


async def until_effects(probe: Probe, count: int) -> list[str]:
    async def enough() -> list[str] | None:
        effects = await probe.effects()
        return effects if len(effects) >= count else None

    found = await wait_until_async(enough, PATIENCE, f"{count} effects")
    assert found is not None
    return found


async def until_parked(probe: Probe, count: int) -> list:
    async def enough() -> list | None:
        parked = await probe.parked()
        return parked if len(parked) >= count else None

    found = await wait_until_async(enough, PATIENCE, f"{count} parked messages")
    assert found is not None
    return found


async def test_the_same_event_delivered_many_times_has_one_effect(probe: Probe) -> None:
    body = wire(an_alert("once"), event_id=new_id())
    async with probe.consuming() as consumer:
        await probe.publish(*([body] * 10), wire(an_alert("last")))

        async def drained() -> bool:
            if "last" not in await probe.effects() or await probe.queue_length(events_queue(SERVICE)):
                return False
            return not consumer._in_hand

        await wait_until_async(drained, what="the end of all deliveries")
    assert sorted(await probe.effects()) == ["last", "once"]


async def test_a_hundred_poison_messages_are_parked_and_others_are_not_delayed(probe: Probe) -> None:
    poison = [b"{", b"\xff\xfe", b"[]", b'{"type": 3}', b"null", wire(an_alert()).replace(b'"message"', b'"massage"')]
    async with probe.consuming():
        poisoned = [poison[index % len(poison)] + b" " * (index // len(poison)) for index in range(100)]
        await probe.publish(*poisoned, wire(an_alert("fine")))
        assert await until_effects(probe, 1) == ["fine"]
        assert len(await until_parked(probe, 100)) == 100


async def test_a_newer_major_version_is_parked_and_an_unknown_type_is_let_go(probe: Probe) -> None:
    body = wire(an_alert())
    async with probe.consuming():
        others = (body.replace(AlertRaised.type.encode(), name) for name in (b"nobody.knows.v1", b"alert.raised.v2"))
        await probe.publish(*others)
        (parked,) = await until_parked(probe, 1)
        assert parked.type == "alert.raised.v2"
        assert await probe.queue_length(events_queue(SERVICE)) == 0


async def test_an_unknown_failure_is_tried_again_later_without_its_effect_until_then(probe: Probe) -> None:
    probe.failing["shaky"] = RuntimeError("a bug, perhaps")
    async with probe.consuming():
        await probe.publish(wire(an_alert("shaky")))

        async def waits() -> bool:
            tries = probe.tries["shaky"]  # whoever looks late finds it in the queue after the next try
            return tries > 0 and await probe.queue_length(retry_queue(SERVICE, RETRY_TIERS[tries - 1])) == 1

        await wait_until_async(waits, what="the message in its retry queue")
        assert await probe.effects() == []
        probe.failing.clear()
        assert await until_effects(probe, 1) == ["shaky"]


async def test_a_message_that_is_tried_again_knows_how_often_it_was_tried(probe: Probe) -> None:
    probe.failing["shaky"] = RuntimeError("a bug, perhaps")
    last = RETRY_TIERS[-1]
    async with probe.consuming():
        await probe.publish(wire(an_alert("shaky")), **{"x-attempt": len(RETRY_TIERS)})
        await wait_until_async(lambda: _holds_one(probe, retry_queue(SERVICE, last)), what="the copy in its queue")
    async with await aio_pika.connect(probe.rabbitmq_url) as connection:
        queue = await (await connection.channel()).get_queue(retry_queue(SERVICE, last))
        copy = await queue.get(no_ack=True)
    assert copy.headers["x-attempt"] == len(RETRY_TIERS) + 1


async def _holds_one(probe: Probe, name: str) -> bool:
    return await probe.queue_length(name) == 1


async def test_after_the_last_attempt_a_message_is_parked_and_can_be_replayed(probe: Probe) -> None:
    probe.failing["broken"] = RuntimeError("a bug")
    async with probe.consuming():
        await probe.publish(wire(an_alert("broken")), **{"x-attempt": len(RETRY_TIERS) + 1})
        (parked,) = await until_parked(probe, 1)
        assert "a bug" in parked.error
        probe.failing.clear()
        row = await probe.database.fetch_one(text("SELECT id FROM parked_messages"))
        assert row is not None
        assert await retry_parked(probe.database, probe.rabbitmq_url, SERVICE, row.id)
        assert not await retry_parked(probe.database, probe.rabbitmq_url, SERVICE, row.id)
        assert await until_effects(probe, 1) == ["broken"]


async def test_a_lost_database_pauses_consuming_and_costs_no_attempt(probe: Probe) -> None:
    probe.failing["waits"] = OperationalError("SELECT 1", {}, LostConnection("server closed the connection"))
    async with probe.consuming() as consumer:
        await probe.publish(wire(an_alert("waits")))
        await wait_until_async(lambda: _paused(consumer), what="a pause")
        probe.failing.clear()
        assert await until_effects(probe, 1) == ["waits"]
    assert await probe.parked() == []


async def _paused(consumer: object) -> bool:
    return bool(consumer._must_pause.is_set())  # type: ignore[attr-defined]


async def test_a_broker_that_dies_and_comes_back_delivers_what_was_not_settled(
    mortal_probe: Probe, mortal_rabbitmq: RabbitServer
) -> None:
    probe = mortal_probe
    async with probe.consuming():
        await probe.publish(*(wire(an_alert(f"before-{index}")) for index in range(10)))
        await wait_until_async(lambda: _on_disk(mortal_rabbitmq), what="the queues on disk")
        mortal_rabbitmq.kill()
        mortal_rabbitmq.start()
        await probe.publish(wire(an_alert("after")))
        effects = await until_effects(probe, 11)
    assert sorted(effects) == sorted([*(f"before-{index}" for index in range(10)), "after"])


async def _on_disk(server) -> bool:
    return bool(server.quorum_queues_are_on_disk())


async def test_stopping_leaves_what_was_not_begun_in_the_queue(probe: Probe) -> None:
    async with probe.consuming():
        pass
    await probe.publish(*(wire(an_alert(str(index))) for index in range(30)))
    async with probe.consuming():
        await until_effects(probe, 1)
    async with probe.consuming():
        effects = await until_effects(probe, 30)
    assert sorted(effects, key=int) == [str(index) for index in range(30)]


async def test_a_poison_message_with_unstorable_headers_is_parked_too(probe: Probe) -> None:
    async with probe.consuming():
        await probe.publish(b'{"id": "\\u0000", "type": "\\u0000"}', **{"x-odd": "a\x00b"})
        (parked,) = await until_parked(probe, 1)
        assert "BadMessage" in parked.error


async def test_while_a_copy_can_not_be_kept_for_later_the_message_stays_in_the_queue(probe: Probe) -> None:
    probe.failing["shaky"] = RuntimeError("a bug, perhaps")
    async with probe.consuming() as consumer:
        await probe.publish(wire(an_alert("fine")))
        await until_effects(probe, 1)
        await probe.delete_queue(retry_queue(SERVICE, RETRY_TIERS[0]))
        await probe.publish_only(wire(an_alert("shaky")))
        await wait_until_async(lambda: _paused(consumer), what="a pause")
        probe.failing.clear()
        assert await until_effects(probe, 2) == ["fine", "shaky"]


async def test_messages_put_back_for_a_pause_are_not_counted_as_tried_many_times(probe: Probe) -> None:
    lost = OperationalError("SELECT 1", {}, LostConnection("server closed the connection"))
    keys = [f"waits-{index}" for index in range(30)]
    probe.failing.update(dict.fromkeys(keys, lost))
    async with probe.consuming() as consumer:
        await probe.publish(*(wire(an_alert(key)) for key in keys))
        await wait_until_async(lambda: _paused_times(consumer, 3), what="three pauses")
    await wait_until_async(lambda: _all_are_back(probe, 30), what="the messages in their queue")
    assert max(await probe.delivery_counts(events_queue(SERVICE), 30)) <= 4


async def _all_are_back(probe: Probe, count: int) -> bool:
    return await probe.queue_length(events_queue(SERVICE)) == count


async def _paused_times(consumer: object, times: int) -> bool:
    return bool(consumer._pauses >= times)  # type: ignore[attr-defined]


async def test_what_the_broker_gave_up_on_is_parked_once_that_is_possible(probe: Probe) -> None:
    async with probe.consuming():
        await probe.publish(wire(an_alert("fine")))
        await until_effects(probe, 1)
        await alter(probe, "ALTER TABLE parked_messages RENAME TO gone")
        await probe.publish_to(DEAD_EXCHANGE, f"{SERVICE}.events.dead", wire(an_alert("given up")))
        await wait_until_async(lambda: _in_hand(probe), what="the message in the consumer's hand")
        await alter(probe, "ALTER TABLE gone RENAME TO parked_messages")
        (parked,) = await until_parked(probe, 1)
    assert (parked.type, parked.error) == (AlertRaised.type, "given up by the broker")


async def test_the_dead_queue_gives_nothing_up(probe: Probe) -> None:
    await probe.publish()
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": NEVER}
    async with await aio_pika.connect(probe.rabbitmq_url) as connection:
        channel = await connection.channel()
        same = await channel.declare_queue(dead_queue(SERVICE), durable=True, arguments=arguments)
        assert same.declaration_result.message_count == 0


async def alter(probe: Probe, statement: str) -> None:
    async with probe.database.transaction() as connection:
        await connection.execute(text(statement))


async def _in_hand(probe: Probe) -> bool:
    return await probe.queue_length(dead_queue(SERVICE)) == 0


@dataclass(frozen=True)
class NoteTwice:
    """A command that breaks a rule of its own tables."""


async def note_twice(command: NoteTwice, uow: UnitOfWork) -> None:
    for key in ("first", "second"):
        await uow.execute(text("INSERT INTO effects (id, key) VALUES (1, :key)"), {"key": key})


async def test_what_is_there_already_is_taken_for_a_repetition_only_if_it_is_the_message(probe: Probe) -> None:
    commands = Commands(probe.database, {NoteTwice: note_twice})
    with pytest.raises(IntegrityError, match="effects_pkey"):
        await commands.execute(NoteTwice(), ReceivedFrom(SERVICE, new_id()))
    assert await probe.effects() == []
