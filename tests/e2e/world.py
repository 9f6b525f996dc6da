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
        async with httpx.AsyncClient(base_url=self.stack["stripe"]["api_base"], timeout=30, verify=False) as http:
            answer = await http.request(method, f"/_sandbox{path}", json=body)
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
            found[service] = f"{events} events ({error or 'none refused'}), {await self._queued(service)} messages"
        return found

    async def until_status(self, booked: Booked, *wanted: str, timeout: float = 90) -> None:
        async def reached() -> bool:
            return await self.booking_status(booked) in wanted

        await self.until(reached, f"{booked.number} to be {' or '.join(wanted)}", timeout)

    async def is_quiet(self) -> bool:
        """Nothing waits anywhere: outboxes are published, queues empty, messages sent, documents issued and stored."""
        if await self.value("payments", _DOCUMENTS_DUE):
            return False
        for service in SERVICES:
            if await self.value(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL"):
                return False
        return not await self.value("notifications", _MESSAGES_DUE) and not await self._queued()

    async def _queued(self, *services: str) -> int:
        async with await aio_pika.connect(self.stack["infrastructure"]["rabbitmq"]["url"]) as connection:
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
