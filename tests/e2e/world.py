"""What is true in the whole system: read from every database, the sandbox and the mailbox."""

import email
import email.policy
import os
from collections import Counter
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import psycopg
from devstack.testing import RunningStack
from psycopg.rows import dict_row
from shared.contracts.subscribers import SUBSCRIBERS
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.topology import RETRY_TIERS, events_queue, retry_queue
from shared.testing.waiting import NeverHappened, wait_until_async

from .browser import Booked

SERVICES = ("booking", "catalog", "payments", "customers", "notifications")
CONFIRMATION = "is confirmed"

_DOCUMENTS_DUE = """
SELECT (SELECT count(*) FROM payments WHERE captured_cents > 0 AND receipt_id IS NULL AND duplicate_of IS NULL)
     + (SELECT count(*) FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id
        WHERE r.status = 'succeeded' AND r.credit_note_id IS NULL AND p.duplicate_of IS NULL)
     + (SELECT count(*) FROM refunds
        WHERE status = 'failed' AND credit_note_id IS NOT NULL AND reversal_id IS NULL)
     + (SELECT count(*) FROM receipt_files WHERE stored_at IS NULL)
"""


_MESSAGES_DUE = """
SELECT count(*) FROM messages
WHERE status = 'sending' OR status = 'pending' AND coalesce(due_at, now()) < now() + interval '10 minutes'
"""
"""An SMS of the evening waits for the morning, and nobody for it."""


_EVENTS_OUT = "SELECT event_id, type, published_at FROM outbox"
_EVENTS_IN = """
SELECT event_id::text FROM inbox UNION SELECT event_id FROM parked_messages
"""
_HEARD = {service: frozenset(event.type for event in events) for service, events in SUBSCRIBERS.items()}

Events = dict[str, str]
"""Ids of events → their types."""


class World:
    """Looks behind the gateway. Never used to change anything but the sandbox's faults."""

    def __init__(self, running: RunningStack) -> None:
        self.running = running

    @property
    def stack(self) -> dict[str, Any]:
        return self.running.stack

    async def rows(self, service: str, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query in one service's database."""
        url = self.stack["databases"][service]
        async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row, autocommit=True) as connection:
            return await (await connection.execute(query, parameters)).fetchall()

    async def value(self, service: str, query: str, *parameters: Any) -> Any:
        """The one value of a query."""
        (row,) = await self.rows(service, query, *parameters)
        return next(iter(row.values()))

    async def booking_status(self, booked: Booked) -> str:
        return str(await self.value("booking", "SELECT status FROM bookings WHERE id = %s", booked.id))

    async def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """The sandbox's controls."""
        async with httpx.AsyncClient(base_url=self.stack["stripe"]["api_base"], timeout=60, verify=False) as http:

            async def ask() -> httpx.Response | None:
                try:
                    return await http.request(method, f"/_sandbox{path}", json=body)
                except httpx.ConnectError:  # it is about to be started again
                    return None

            answer = await self.until(ask, "the sandbox to answer")
            assert answer.status_code < 300, answer.text
            return answer.json() if answer.content else None

    async def intents_of(self, booked: Booked) -> list[dict[str, Any]]:
        """What the sandbox knows of a booking."""
        found = await self.sandbox("GET", f"/payment_intents?metadata[booking_id]={booked.id}")
        return list(found["data"] if isinstance(found, dict) else found)

    def mails(self) -> list[email.message.EmailMessage]:
        """All e-mails in the mailbox."""
        paths = Path(self.stack["mailbox"]).rglob("*.eml")
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]

    def confirmations(self) -> Counter[str]:
        """How many confirmations each booking number got."""
        subjects = [str(mail["Subject"]) for mail in self.mails()]
        return Counter(_number_in(subject) for subject in subjects if CONFIRMATION in subject)

    async def until(self, condition: Any, what: str, timeout: float = 90) -> Any:
        """Waits until the awaitable `condition()` gives something true; returns it."""
        try:
            return await wait_until_async(condition, timeout, what)
        except NeverHappened as never:
            never.add_note(f"Still waiting, per service: {await self.unfinished()}; load {os.getloadavg()}.")
            raise

    async def unfinished(self) -> dict[str, str]:
        """For each service the unpublished events, its newest failure to publish one, and the queue's length."""
        found = {}
        newest = "SELECT count(*), max(last_error) FROM outbox WHERE published_at IS NULL"
        for service in SERVICES:
            ((events, error),) = (tuple(row.values()) for row in await self.rows(service, newest))
            try:
                messages = f"{await self._queued(service)} messages"
            except BROKER_ERRORS as away:
                messages = repr(away)
            found[service] = f"{events} events ({error or 'none refused'}), {messages}"
        return found

    async def until_status(self, booked: Booked, *wanted: str, timeout: float = 90) -> None:
        async def reached() -> bool:
            return await self.booking_status(booked) in wanted

        await self.until(reached, f"{booked.number} to be {' or '.join(wanted)}", timeout)

    async def is_quiet(self) -> bool:
        """Nothing waits anywhere: events are handled, queues empty, messages sent, documents issued and stored."""
        events = await self._published_events()
        if events is None or not await self._all_are_handled(events):
            return False
        if await self.value("payments", _DOCUMENTS_DUE) or await self.value("notifications", _MESSAGES_DUE):
            return False
        try:
            queued = await self._queued()
        except BROKER_ERRORS:  # it is about to be started again
            return False
        # What was looked at first may have been followed by something else while the rest was looked at.
        return not queued and await self._published_events() == events

    async def _published_events(self) -> Events | None:
        """All events of all services; null if some are not published yet."""
        rows = [row for service in SERVICES for row in await self.rows(service, _EVENTS_OUT)]
        waiting = any(row["published_at"] is None for row in rows)
        return None if waiting else {str(row["event_id"]): row["type"] for row in rows}

    async def _all_are_handled(self, events: Events) -> bool:
        """Whether everybody has handled, or parked, what they listen to. No queue counts what is just being handled."""
        for service in SERVICES:
            handled = {row["event_id"] for row in await self.rows(service, _EVENTS_IN)}
            if any(kind in _HEARD[service] and id not in handled for id, kind in events.items()):
                return False
        return True

    async def _queued(self, *services: str) -> int:
        async with await aio_pika.connect(self.stack["infrastructure"]["rabbitmq"]["url"], timeout=10) as connection:
            channel = await connection.channel()
            names = [name for service in services or SERVICES for name in _queues_of(service)]
            queues = [await channel.declare_queue(name, passive=True) for name in names]
            return sum(queue.declaration_result.message_count or 0 for queue in queues)

    async def until_quiet(self, timeout: float = 120) -> None:
        await self.until(self.is_quiet, "everything to be handled", timeout)

    async def parked(self) -> int:
        """Messages that no service could handle."""
        counts = [
            await self.value(service, "SELECT count(*) FROM parked_messages WHERE resolved_at IS NULL")
            for service in SERVICES
        ]
        return sum(counts)


def _number_in(subject: str) -> str:
    return subject.rpartition("(")[2].rstrip(")")


def _queues_of(service: str) -> list[str]:
    return [events_queue(service), *(retry_queue(service, tier) for tier in RETRY_TIERS)]
