"""The relay: takes events from the outbox to the broker, each aggregate's in order, at least once.

Only one relay of a service publishes at a time. A crash between the broker's confirmation and the mark repeats a
message and never loses one.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import aio_pika
from aio_pika.abc import AbstractExchange
from aio_pika.exceptions import DeliveryError
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.trace import SpanKind
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from shared.contracts.subscribers import HEARD
from shared.db.engine import Connection, Database
from shared.messaging import outbox
from shared.messaging.broker import BROKER_ERRORS, close_quietly, connect, publishing_channel
from shared.messaging.envelope import encode
from shared.messaging.topology import declare_exchange
from shared.telemetry import current_traceparent, meter, remote_context, tracer

log = logging.getLogger(__name__)

PUBLISH_TIMEOUT_SECONDS = 3
BATCH_SECONDS = 2
BATCH = 200
BATCH_WHILE_SLOW = 10
"""So many events at once for a broker that was too slow for the batch before."""

LONGEST_PAUSE_SECONDS = 5

_published = meter.create_counter("outbox.published", description="Events confirmed by the broker")
_failed = meter.create_counter("outbox.publish_failures", description="Publishes that were not confirmed")

Rows = list[Row[Any]]


class Part(NamedTuple):
    """What became of one aggregate's events: those confirmed, the one refused and why, what else ended the attempt."""

    confirmed: Rows
    refused: tuple[Row[Any], str] | None = None
    lost: BaseException | None = None


class Relay:
    """Publishes the outbox of one service's database until it is told to stop.

    On the event loop's clock, `last_beat` is the loop's last turn and `last_success` the last one in which events went
    out or none was due. `wake()` ends an idle pause at once.
    """

    def __init__(self, service: str, database_url: str, rabbitmq_url: str, poll_seconds: float = 0.1) -> None:
        self._service = service
        self._database_url = database_url
        self._rabbitmq_url = rabbitmq_url
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._stopping = False
        self._failures = 0
        self._batch = BATCH
        self.last_beat = 0.0
        self.last_success = 0.0

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._woken.set()

    def stop(self) -> None:
        """Ends `run` after the batch in hand."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Publishes until stopped; a lost database or broker is tried again with growing pauses."""
        while not self._stopping:
            try:
                with suppress_instrumentation():
                    await self._run_connected()
            except (*BROKER_ERRORS, SQLAlchemyError) as error:
                self._failures += 1
                log.warning("relay interrupted", extra={"error": f"{type(error).__name__}: {error}"})
                await self._pause(min(2.0 ** min(self._failures, 10) / 4, LONGEST_PAUSE_SECONDS))

    async def _run_connected(self) -> None:
        connection, database = None, Database(self._database_url, pool_size=1)
        try:
            connection = await connect(self._rabbitmq_url, f"{self._service}-relay")
            async with publishing_channel(connection) as channel:
                exchange = await declare_exchange(channel)
                while not self._stopping and not connection.is_closed and not channel.is_closed:
                    await self._turn(database, exchange)
        finally:
            await database.close()
            await close_quietly(connection)

    async def _turn(self, database: Database, exchange: AbstractExchange) -> None:
        self._beat()
        self._woken.clear()
        waiting = await database.fetch_one(outbox.ANY_WAITING)
        is_full = False
        if waiting and waiting[0]:
            is_full = await self._publish_batch(database, exchange)
        else:
            self._succeeded()
        if not is_full:
            await self._pause(self._poll_seconds)

    async def _publish_batch(self, database: Database, exchange: AbstractExchange) -> bool:
        """One batch in one short transaction; true if there is probably more. Raises what the broker failed with."""
        async with database.transaction() as connection:
            connection.send(outbox.TRY_TO_LEAD)
            rows = await connection.fetch_all(outbox.NEXT_BATCH, {"count": self._batch})
            until = asyncio.get_running_loop().time() + BATCH_SECONDS
            parts = await asyncio.gather(
                *(self._publish_in_order(exchange, part, until) for part in _by_aggregate(rows))
            )
            confirmed = [row.id for part in parts for row in part.confirmed]
            if confirmed:
                connection.send(outbox.MARK_PUBLISHED, {"ids": confirmed})
                _published.add(len(confirmed))
            for part in parts:
                if part.refused is not None:
                    self._mark_refused(connection, *part.refused)
        if confirmed or not rows:
            self._succeeded()
        self._batch = BATCH
        if lost := next((part.lost for part in parts if part.lost is not None), None):
            self._batch = BATCH_WHILE_SLOW
            _failed.add(1)
            raise lost
        return len(confirmed) > 0

    async def _publish_in_order(self, exchange: AbstractExchange, rows: Rows, until: float) -> Part:
        """Publishes one aggregate's events; stops at the first failure.

        What a slow broker has no time for `until` then is left to the next batch: a transaction that lasted too long
        would be ended by the database, and all of it would be published again, for ever. Only a refusal says something
        about an event; a broker that is slow, blocked or gone counts against none.
        """
        done: Rows = []
        clock = asyncio.get_running_loop().time
        for row in rows:
            if clock() > until:
                break
            try:
                await self._publish(exchange, row)
            except DeliveryError as refusal:
                return Part(done, refused=(row, f"{type(refusal).__name__}: {refusal}"[:500]))
            except BROKER_ERRORS as error:
                return Part(done, lost=error)
            done.append(row)
        return Part(done)

    async def _publish(self, exchange: AbstractExchange, row: Row[Any]) -> None:
        """In the trace of the request that recorded the event, whatever this loop's own context is."""
        stored = row.trace_context
        context = remote_context(stored.get("traceparent", ""))
        with tracer.start_as_current_span(f"publish {row.type}", context, SpanKind.PRODUCER):
            trace_context = {**stored, "traceparent": current_traceparent()}
            await self._send(exchange, {**row._mapping, "trace_context": trace_context})

    async def _send(self, exchange: AbstractExchange, row: Mapping[str, Any]) -> None:
        message = aio_pika.Message(
            encode(self._service, row),
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=str(row["event_id"]),
            type=row["type"],
            headers={"traceparent": row["trace_context"]["traceparent"]},
        )
        await exchange.publish(
            message, routing_key=row["type"], mandatory=row["type"] in HEARD, timeout=PUBLISH_TIMEOUT_SECONDS
        )

    def _mark_refused(self, connection: Connection, row: Row[Any], error: str) -> None:
        attempts = row.attempts + 1
        park = attempts >= outbox.ATTEMPTS_BEFORE_PARKING
        _failed.add(1)
        log.log(
            logging.ERROR if park else logging.WARNING,
            "aggregate parked in the outbox" if park else "event not published",
            extra={"event_id": str(row.event_id), "event_type": row.type, "attempts": attempts, "error": error},
        )
        parameters: dict[str, Any] = {
            "id": row.id, "error": error, "delay": outbox.delay_after(attempts), "park": park
        }  # fmt: skip
        connection.send(outbox.MARK_FAILED, parameters)

    async def _pause(self, seconds: float) -> None:
        self._beat()
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return

    def _succeeded(self) -> None:
        self._failures = 0
        self.last_success = asyncio.get_running_loop().time()

    def _beat(self) -> None:
        self.last_beat = asyncio.get_running_loop().time()


def _by_aggregate(rows: Iterable[Row[Any]]) -> list[Rows]:
    parts: defaultdict[tuple[str, Any], Rows] = defaultdict(list)
    for row in rows:
        parts[row.aggregate_type, row.aggregate_id].append(row)
    return list(parts.values())
