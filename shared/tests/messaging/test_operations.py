"""What operators do with parked messages."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import typer
from shared.db.engine import Database
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging.operations import add_message_commands, declare_queues, retry_parked
from shared.messaging.parking import get_parked, list_parked, park, parked_count, resolve
from shared.service import Parts, Platform, Service
from shared.settings import ServiceSettings
from shared.testing.servers import RabbitServer
from shared.testing.waiting import wait_until_async
from typer.testing import CliRunner
from yarl import URL

from .conftest import SERVICE, Probe, an_alert, create_schema, wire

NOBODY_LISTENS = "amqp://nobody:nothing@127.0.0.1:9/"


def unused(_: Platform[ServiceSettings]) -> Parts:
    raise AssertionError("Commands about messages need none of the service's parts.")


PROBE_SERVICE = Service(SERVICE, "Probe", ServiceSettings, unused, Path())


async def parked_in(database: Database, body: bytes = b"{}") -> Any:
    await park(database, body, {}, "no good", 1)
    (row,) = await list_parked(database)
    return row


async def test_a_retried_message_is_handled_and_waits_no_more(probe: Probe) -> None:
    row = await parked_in(probe.database, wire(an_alert("again")))
    async with probe.consuming():
        await probe.publish(wire(an_alert("first")))
        assert await retry_parked(probe.database, probe.rabbitmq_url, SERVICE, row.id)

        async def both_handled() -> bool:
            return sorted(await probe.effects()) == ["again", "first"]

        await wait_until_async(both_handled, what="both messages to be handled")
    assert await parked_count(probe.database) == 0


async def test_a_message_that_failed_again_before_its_retry_was_noted_waits_on(probe: Probe) -> None:
    before = await parked_in(probe.database)
    await park(probe.database, b"{}", {}, "no good again", 1)
    assert not await resolve(probe.database, before.id, "replayed", before.last_seen_at)
    assert await parked_count(probe.database) == 1


async def test_what_was_dropped_can_not_be_retried(probe: Probe) -> None:
    row = await parked_in(probe.database)
    assert await resolve(probe.database, row.id, "dropped: a test")
    assert not await retry_parked(probe.database, probe.rabbitmq_url, SERVICE, row.id)
    assert (await get_parked(probe.database, row.id)).resolution == "dropped: a test"


async def test_a_broker_that_is_away_takes_no_message_and_the_message_waits_on(probe: Probe) -> None:
    row = await parked_in(probe.database)
    with pytest.raises(Unavailable):
        await retry_parked(probe.database, NOBODY_LISTENS, SERVICE, row.id)
    assert await parked_count(probe.database) == 1


async def test_queues_are_declared_at_a_broker_that_comes_late(
    mortal_rabbitmq: RabbitServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def tried_in_vain() -> bool:
        return "trying again" in caplog.text

    url = mortal_rabbitmq.create_vhost("late")
    mortal_rabbitmq.kill()
    declaring = asyncio.create_task(declare_queues(SERVICE, url))
    await wait_until_async(tried_in_vain, what="an attempt that finds no broker")
    assert not declaring.done()
    await asyncio.to_thread(mortal_rabbitmq.start)
    await declaring
    made = {queue["name"] for queue in mortal_rabbitmq.management.call("GET", "queues/late")}
    assert f"{SERVICE}.events" in made


async def test_a_broker_that_refuses_the_login_is_not_asked_again(
    rabbitmq_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
        await declare_queues(SERVICE, str(URL(rabbitmq_url).with_password("wrong")))
    assert "trying again" not in caplog.text


def test_show_prints_a_message_whole(database_factory: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = database_factory("probe", create_schema)
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("DATABASE_URL", url)
    row = asyncio.run(parked_once(url))
    shown = CliRunner().invoke(commands(), ["dead-letters", "show", str(row.id)])
    assert shown.exit_code == 0, shown.output
    assert (json.loads(shown.output)["error"], json.loads(shown.output)["body"]) == ("no good", "{}")


async def test_who_drops_a_message_on_the_command_line_is_kept(
    database_factory: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database_factory("probe", create_schema)
    for name, value in {"DEBUG": "true", "DATABASE_URL": url, "SUDO_USER": "kim"}.items():
        monkeypatch.setenv(name, value)
    row = await parked_once(url)
    dropped = await asyncio.to_thread(CliRunner().invoke, commands(), ["dead-letters", "drop", str(row.id), "a test"])
    assert dropped.exit_code == 0, dropped.output
    shown = await asyncio.to_thread(CliRunner().invoke, commands(), ["dead-letters", "show", str(row.id)])
    assert json.loads(shown.output)["resolution"] == "dropped by kim: a test"


@pytest.fixture
def environment(database_factory: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("DATABASE_URL", database_factory("probe", create_schema))


@pytest.mark.parametrize("since", ["2026-11-22T10:00Z", "2026-11-22 10:00", "2026-11-22T05:00-05:00", "2026-11-22"])
def test_events_are_replayed_since_a_time(environment: None, since: str) -> None:
    replayed = CliRunner().invoke(commands(), ["events", "replay", since])
    assert (replayed.exit_code, replayed.output) == (0, "0 events will be published again\n")


def test_what_is_no_time_is_refused_with_a_sentence(environment: None) -> None:
    refused = CliRunner().invoke(commands(), ["events", "replay", "yesterday"])
    assert refused.exit_code == 2
    assert "'yesterday' is no time" in refused.output


def test_a_message_that_is_not_there_is_told(environment: None) -> None:
    missing = CliRunner().invoke(commands(), ["dead-letters", "show", str(new_id())])
    assert (missing.exit_code, missing.output) == (1, "There is no such message.\n")


def test_a_wrong_setting_is_told_by_name_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("DATABASE_URL", "mysql://me:my-secret@there/x")
    refused = CliRunner().invoke(commands(), ["outbox", "status"])
    assert refused.exit_code == 2
    assert "DATABASE_URL: " in refused.output
    assert "my-secret" not in refused.output


async def parked_once(url: str) -> Any:
    database = Database(url)
    try:
        return await parked_in(database)
    finally:
        await database.close()


def commands() -> typer.Typer:
    cli = typer.Typer()
    add_message_commands(cli, PROBE_SERVICE)
    return cli
