"""Writes down what became of messages that this process had claimed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opentelemetry import context as otel_context
from shared.context import correlation_id
from shared.contracts.notifications import MessageFailed, MessageSent, MessageState
from shared.db.engine import dump_json
from shared.db.unit_of_work import UnitOfWork
from shared.telemetry import remote_context
from sqlalchemy import text

from notifications.commands.claim_messages import ClaimedMessage
from notifications.domain.retries import next_attempt

# The attempt is written down also when another process took the message over: it was made all the same.
_FINISH = text("""
WITH result AS (
  SELECT * FROM jsonb_to_recordset(CAST(:results AS jsonb)) AS result (
    id uuid, version bigint, status text, due_at timestamptz, sent_at timestamptz, recipient text, subject text,
    failure_reason text, attempt int, carrier text, delivery text, provider_id text, is_returned boolean)
), attempts AS (
  INSERT INTO deliveries (message_id, attempt, carrier, status, provider_id, reason, happened_at)
  SELECT id, attempt, carrier, delivery, provider_id, failure_reason, :now FROM result WHERE delivery <> ''
  ON CONFLICT DO NOTHING
)
UPDATE messages
SET status = result.status, due_at = result.due_at, sent_at = result.sent_at, recipient = result.recipient,
    subject = result.subject, failure_reason = result.failure_reason, version = messages.version + 1,
    attempts = messages.attempts - result.is_returned::int
FROM result
WHERE messages.id = result.id AND messages.version = result.version AND messages.status = 'sending'
RETURNING messages.id, messages.version
""")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message: handed over, failed for good, dropped, or worth another try.

    `reason` is empty when it was handed over; `is_dropped` when there was no reason to send it any more. `carrier` is
    empty when it did not come to an attempt. `not_before` is the earliest moment of the next try. `traceparent` is the
    span of the attempt. `is_returned`: nobody tried, and another process may at once.
    """

    message: ClaimedMessage
    subject: str = ""
    reason: str = ""
    is_permanent: bool = False
    is_dropped: bool = False
    is_returned: bool = False
    carrier: str = ""
    provider_id: str = ""
    not_before: datetime | None = None
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class FinishMessages:
    """Outcomes of messages of one batch. Written down a second time they change nothing."""

    deliveries: Sequence[Delivery]


async def finish_messages(command: FinishMessages, uow: UnitOfWork) -> None:
    """Messages whose lease another process took over meanwhile are left to it."""
    results = {delivery.message.id: _result(delivery, uow.now) for delivery in command.deliveries}
    rows = await uow.fetch_all(_FINISH, {"results": dump_json(list(results.values())), "now": uow.now})
    versions = {row.id: row.version for row in rows}
    for delivery in command.deliveries:
        if delivery.message.id in versions:
            _record(uow, delivery, results[delivery.message.id], versions[delivery.message.id])


def _result(delivery: Delivery, now: datetime) -> dict[str, Any]:
    message = delivery.message
    status, due_at = _outcome(delivery, now)
    return {
        "id": message.id,
        "version": message.version,
        "recipient": message.recipient,
        "subject": delivery.subject,
        "status": status,
        "due_at": due_at,
        "sent_at": now if status == "sent" else None,
        "failure_reason": delivery.reason,
        "attempt": message.attempts,
        "carrier": delivery.carrier,
        "delivery": _ATTEMPT[status] if delivery.carrier else "",
        "provider_id": delivery.provider_id,
        "is_returned": delivery.is_returned,
    }


_ATTEMPT = {"sent": "handed_over", "failed": "refused", "pending": "postponed", "dropped": ""}
"""What became of a message → what became of the attempt."""


def _outcome(delivery: Delivery, now: datetime) -> tuple[str, datetime | None]:
    """The message's status, and when it is tried again."""
    message = delivery.message
    if not delivery.reason:
        return "sent", None
    if delivery.is_dropped:
        return "dropped", None
    if delivery.is_permanent:
        return "failed", None
    if delivery.is_returned:
        return "pending", now
    due_at = delivery.not_before or next_attempt(message.attempts, message.created_at, now)
    return ("pending", due_at) if due_at else ("failed", None)


def _record(uow: UnitOfWork, delivery: Delivery, result: dict[str, Any], version: int) -> None:
    if result["status"] not in ("sent", "failed"):
        return
    message = delivery.message
    state = MessageState(
        id=message.id,
        version=version,
        kind=message.kind.value,
        channel=message.channel,
        status=result["status"],
        subject=delivery.subject,
        booking_id=message.booking_id,
        customer_id=message.customer_id,
        sent_at=result.get("sent_at"),
        failure_reason=delivery.reason,
    )
    with work_of(message, delivery.traceparent):
        uow.record((MessageSent if result["status"] == "sent" else MessageFailed)(message=state), version)


@contextmanager
def work_of(message: ClaimedMessage, traceparent: str) -> Iterator[None]:
    """Runs the block as part of the request that the message goes back to."""
    context = otel_context.attach(remote_context(traceparent))
    request = correlation_id.set(message.trace_context.get("correlationid", ""))
    try:
        yield
    finally:
        correlation_id.reset(request)
        otel_context.detach(context)
