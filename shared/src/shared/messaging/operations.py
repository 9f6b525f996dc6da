"""What operators do with events: look at the outbox, replay, and empty the parking lot."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aio_pika
import orjson
import typer
from aio_pika.exceptions import AuthenticationError, ChannelPreconditionFailed, ProbableAuthenticationError
from sqlalchemy import text

from shared.contracts.subscribers import SUBSCRIBERS
from shared.db.engine import Database
from shared.environment import load_settings
from shared.errors import Unavailable
from shared.messaging.broker import BROKER_ERRORS, close_quietly, connect, publishing_channel
from shared.messaging.outbox import REPLAY, STATUS
from shared.messaging.parking import get_parked, list_parked, parked_count, resolve
from shared.messaging.topology import declare_service, events_queue
from shared.service import Service

log = logging.getLogger(__name__)

BROKER_PATIENCE_SECONDS = 60
BROKER_PAUSE_SECONDS = 1
_REFUSED = (AuthenticationError, ProbableAuthenticationError, ChannelPreconditionFailed)
"""A wrong login, or queues that were once declared otherwise: no waiting mends these."""


async def declare_queues(service: str, rabbitmq_url: str) -> None:
    """Declares what the service owns at the broker, so that no event for it is lost before its worker first runs.

    A broker that is not there yet, or slow, is asked again for a minute; one that refuses is not. Raises what it failed
    with.
    """
    clock = asyncio.get_running_loop().time
    ends = clock() + BROKER_PATIENCE_SECONDS
    while True:
        try:
            return await _declare(service, rabbitmq_url)
        except BROKER_ERRORS as error:
            if isinstance(error, _REFUSED) or clock() > ends:
                raise
            log.warning("the broker can not be asked yet (%s: %s), trying again", type(error).__name__, error)
        await asyncio.sleep(BROKER_PAUSE_SECONDS)


async def _declare(service: str, rabbitmq_url: str) -> None:
    connection = await connect(rabbitmq_url, f"{service}-migrate")
    try:
        async with publishing_channel(connection) as channel:
            await declare_service(channel, service, SUBSCRIBERS.get(service, ()))
    finally:
        await close_quietly(connection)


async def outbox_status(database: Database) -> dict[str, Any]:
    """`{waiting, parked, oldest_seconds}` of the service's outbox."""
    row = await database.fetch_one(text(STATUS))
    return dict(row._mapping) if row else {}


async def given_up(database: Database) -> dict[str, int]:
    """What waits for people: `messages` that could not be handled, `events` that could not be published."""
    outbox = await outbox_status(database)
    return {"messages": await parked_count(database), "events": int(outbox["parked"])}


async def replay_events(database: Database, since: datetime, event_type: str) -> int:
    """Has the relay publish kept events again, under their first ids, which inboxes know; returns how many."""
    statement = text(REPLAY.replace("%(since)s", "CAST(:since AS timestamptz)").replace("%(type)s", ":type"))
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))  # a week of events takes its time
        return (await connection.execute(statement, {"since": since, "type": event_type})).rowcount


async def retry_parked(
    database: Database, rabbitmq_url: str, service: str, message_id: UUID, resolution: str = "replayed"
) -> bool:
    """Puts a parked message back into the service's queue under its first id; false if there is no such message.

    Raises `Unavailable` when the broker does not take it; then it waits on.
    """
    parked = await get_parked(database, message_id)
    if parked is None or parked.resolved_at is not None:
        return False
    message = aio_pika.Message(
        bytes(parked.body), delivery_mode=aio_pika.DeliveryMode.PERSISTENT, message_id=parked.event_id
    )
    try:
        await _put_into_queue(message, service, rabbitmq_url)
    except BROKER_ERRORS as error:
        raise Unavailable("The message broker does not take the event at the moment. Please try again.") from error
    # The worker may have failed with it again before we get here: then it waits on, as a failure of its own.
    await resolve(database, message_id, resolution, parked.last_seen_at)
    return True


async def _put_into_queue(message: aio_pika.Message, service: str, rabbitmq_url: str) -> None:
    connection = await connect(rabbitmq_url, f"{service}-replay")
    try:
        async with publishing_channel(connection) as channel:
            await channel.default_exchange.publish(message, routing_key=events_queue(service), timeout=3)
    finally:
        await close_quietly(connection)


def add_message_commands(cli: typer.Typer, service: Service[Any]) -> None:
    """`outbox status`, `events replay`, `dead-letters list|show|retry|drop`."""
    cli.add_typer(_outbox_commands(service), name="outbox")
    cli.add_typer(_events_commands(service), name="events")
    cli.add_typer(_dead_letters_commands(service), name="dead-letters")


def _outbox_commands(service: Service[Any]) -> typer.Typer:
    outbox = typer.Typer(help="The events that wait to be published.")

    @outbox.command("status")
    def status() -> None:
        """Waiting and parked events, and the age of the oldest in seconds."""
        _show(_with_database(service, outbox_status))

    return outbox


def _events_commands(service: Service[Any]) -> typer.Typer:
    events = typer.Typer(help="Events published before.")

    @events.command("replay")
    def replay(since: str, event_type: str = "") -> None:
        """Publish the events since a time (2026-11-22T10:00Z; UTC where it names no zone) again."""
        start = _instant(since)
        count = _with_database(service, lambda database: replay_events(database, start, event_type))
        typer.echo(f"{count} events will be published again")

    return events


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time such as 2026-11-22T10:00Z.") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _dead_letters_commands(service: Service[Any]) -> typer.Typer:
    dead_letters = typer.Typer(help="Messages that could not be handled.")

    @dead_letters.command("list")
    def list_() -> None:
        """The messages that wait for people, oldest first."""
        for row in _with_database(service, list_parked):
            typer.echo(
                f"{row.id}  {row.type}  attempts={row.attempts}  {row.first_seen_at:%Y-%m-%d %H:%M}  {row.error}"
            )

    @dead_letters.command("show")
    def show(message_id: UUID) -> None:
        """One message, whole."""
        row = _with_database(service, lambda database: get_parked(database, message_id))
        if row is None:
            typer.echo("There is no such message.", err=True)
            raise typer.Exit(1)
        _show({**row._mapping, "body": bytes(row.body).decode("utf-8", "replace")})

    @dead_letters.command("retry")
    def retry(message_id: UUID) -> None:
        """Put a message back into the queue."""
        url = load_settings(service.settings).rabbitmq_url
        resolution = f"replayed by {_operator()}"
        _settle(service, lambda database: retry_parked(database, url, service.name, message_id, resolution))

    @dead_letters.command("drop")
    def drop(message_id: UUID, reason: str) -> None:
        """Give a message up, with the reason."""
        resolution = f"dropped by {_operator()}: {reason}"
        _settle(service, lambda database: resolve(database, message_id, resolution))

    return dead_letters


def _operator() -> str:
    """Who sits at the command line, as far as it knows: whoever became root stays who they were."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or f"user {os.getuid()}"


def _settle(service: Service[Any], work: Callable[[Database], Awaitable[bool]]) -> None:
    """Ends the process with 1 if there was nothing to settle, or if it can't be done at the moment."""
    try:
        sentence = "" if _with_database(service, work) else "There is no such message waiting."
    except Unavailable as unavailable:
        sentence = unavailable.message
    if sentence:
        typer.echo(sentence, err=True)
        raise typer.Exit(1)


def _with_database(service: Service[Any], work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        database = Database(load_settings(service.settings).database_url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _show(value: Any) -> None:
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode())
