"""Something happened that a customer or the office is told of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.context import correlation_id
from shared.db.engine import dump_json
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from shared.telemetry import current_traceparent
from sqlalchemy import text

from notifications.adapters.copies import sha256_of
from notifications.domain.kinds import AT_ANY_HOUR, BY_SMS, LIFETIMES, OFFICE, OPTIONAL, Kind
from notifications.domain.times import after_quiet_hours

# An SMS goes to those who want SMS, and what is optional not to those who want no e-mail. A customer who is not known
# here yet has said nothing: gets e-mail and no SMS. Who is forgotten gets nothing for what began before: an event may
# have waited for days. The same address may come back with something new.
_WRITE = text("""
INSERT INTO messages (id, version, kind, cause, channel, status, recipient, booking_id, customer_id, facts,
                      trace_context, due_at, created_at, useful_until, resend_of)
SELECT m.id, 1, m.kind, m.cause, m.channel, 'pending', m.recipient, m.booking_id, m.customer_id, m.facts,
       CAST(:trace_context AS jsonb), m.due_at, :now, m.useful_until, m.resend_of
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS m (
  id uuid, kind text, cause text, channel text, recipient text, booking_id uuid, customer_id uuid, facts jsonb,
  due_at timestamptz, useful_until timestamptz, resend_of uuid, optional boolean, since timestamptz, addresses text[])
LEFT JOIN customers ON customers.id = m.customer_id
WHERE CASE m.channel WHEN 'sms' THEN coalesce(customers.sms_notifications, false)
                     ELSE NOT m.optional OR coalesce(customers.email_notifications, true) END
  AND NOT EXISTS (SELECT FROM erased WHERE erased.customer_id = m.customer_id
                  OR erased.email_sha256 = ANY (m.addresses) AND erased.erased_at >= m.since)
ON CONFLICT (kind, cause, channel) DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class WriteMessage:
    """One message of `kind` for `cause`, which names what happened: however often it is told, one message goes out by
    each channel.

    `facts` is what the template needs beyond the copies of the booking and the customer. `recipient` may be empty when
    only the booking or the customer is known: the copy has the address by the time of sending. What goes to the office
    needs none. `due_at` is now unless said otherwise; after `useful_until` it would tell nothing new. `since` is when
    began what it tells of, such as the booking: somebody who was forgotten after that is told nothing.
    """

    kind: Kind
    cause: str
    booking_id: UUID | None = None
    customer_id: UUID | None = None
    recipient: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    useful_until: datetime | None = None
    since: datetime | None = None


class MessageWriter:
    """Writes messages that wait to be sent; `wake` tells the sender of this process, after the commit."""

    def __init__(self, wake: Callable[[], None], office: str, zone: ZoneInfo) -> None:
        """`office` is the address of the office, `zone` that of quiet hours."""
        self._wake = wake
        self._office = office
        self._zone = zone

    async def __call__(self, command: WriteMessage, uow: UnitOfWork) -> None:
        """Writes the message, unless there is one for the same cause already."""
        self.write([command], uow)

    def write(self, messages: Sequence[WriteMessage], uow: UnitOfWork) -> None:
        """Writes the messages in one statement."""
        rows = [row for message in messages for row in self._rows(message, uow.now)]
        if not rows:
            return
        trace = {"traceparent": current_traceparent(), "correlationid": correlation_id.get()}
        uow.send(_WRITE, {"rows": dump_json(rows), "trace_context": dump_json(trace), "now": uow.now})
        self.wake_after(uow)

    def wake_after(self, uow: UnitOfWork) -> None:
        """Tells the sender of this process once the messages are there."""
        uow.after_commit(self._wake)

    def _rows(self, message: WriteMessage, now: datetime) -> list[dict[str, Any]]:
        due_at = message.due_at or now
        rows = [self._row(message, "email", due_at, now)]
        if message.customer_id is not None and message.kind in BY_SMS:
            sms_at = due_at if message.kind in AT_ANY_HOUR else after_quiet_hours(due_at, self._zone)
            rows.append({**self._row(message, "sms", sms_at, now), "recipient": ""})
        return rows

    def _row(self, message: WriteMessage, channel: str, due_at: datetime, now: datetime) -> dict[str, Any]:
        return {
            "id": new_id(),
            "kind": message.kind.value,
            "cause": message.cause,
            "channel": channel,
            "recipient": message.recipient or (self._office if message.kind in OFFICE else ""),
            "booking_id": message.booking_id,
            "customer_id": message.customer_id,
            "facts": dict(message.facts),
            "due_at": due_at,
            "useful_until": _useful_until(message, now),
            "optional": message.kind in OPTIONAL,
            "since": message.since,
            "addresses": [sha256_of(address) for address in (message.recipient, message.facts.get("email")) if address],
        }


def _useful_until(message: WriteMessage, now: datetime) -> datetime | None:
    lifetime = LIFETIMES.get(message.kind)
    ends = [moment for moment in (message.useful_until, now + lifetime if lifetime else None) if moment]
    return min(ends, default=None)
