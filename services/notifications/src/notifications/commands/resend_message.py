"""Staff send a message once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.audit import member_of, record_staff_action
from shared.context import correlation_id
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Conflict, NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.http.identity import Caller
from shared.ids import new_id
from shared.telemetry import current_traceparent
from sqlalchemy import Row, bindparam, select, text

from notifications.adapters.tables import messages
from notifications.commands.write_message import MessageWriter
from notifications.domain.kinds import LINKS, Kind

_MESSAGE = select(messages).where(messages.c.id == bindparam("message_id"))
_COPY = text("""
INSERT INTO messages (id, version, kind, cause, channel, status, recipient, booking_id, customer_id, facts,
                      trace_context, due_at, created_at, useful_until, resend_of)
SELECT :id, 1, kind, :cause, channel, 'pending', recipient, booking_id, customer_id, facts,
       :trace_context, :now, :now, CASE WHEN :keeps_end THEN useful_until END, coalesce(resend_of, id)
FROM messages WHERE id = :message_id
ON CONFLICT DO NOTHING
""").bindparams(bindparam("trace_context", type_=messages.c.trace_context.type))


class StillWaiting(Conflict):
    """It has not gone out for the first time yet."""

    code = "message_waiting"
    message = "This message is still waiting to be sent."


class LinkExpired(Conflict):
    """The link in it does not work any more; whoever needs one asks for a new one."""

    code = "link_expired"
    message = "The link in this message has expired. Please have a new one made."


class Forgotten(Conflict):
    """Nobody knows any more whom it went to."""

    code = "recipient_erased"
    message = "The recipient of this message was erased."


@dataclass(frozen=True, slots=True)
class ResendMessage:
    """The message, who wants it, and the request's key."""

    message_id: UUID
    by: Caller
    key: IdempotencyKey | None = None


class Resender:
    """Writes a new message that is linked to the first."""

    def __init__(self, writer: MessageWriter) -> None:
        self._writer = writer

    async def __call__(self, command: ResendMessage, uow: UnitOfWork) -> UUID:
        """The id of the new message. Raises `NotFound`, `StillWaiting`, `LinkExpired`, `Forgotten`, and what `claim`
        raises.
        """
        id = await claim(uow, command.key, new_id())
        row = await uow.fetch_one(_MESSAGE, {"message_id": command.message_id})
        if row is None:
            raise NotFound()
        _refuse(row, uow.now)
        await uow.execute(_COPY, _copy(id, command.message_id, row.kind, uow.now))
        what = f"Sent the message {row.kind} ({row.channel}) once more."
        about = {"booking_id": row.booking_id, "customer_id": row.customer_id}
        record_staff_action(uow, member_of(command.by), "booking_updated", what, **about)
        self._writer.wake_after(uow)
        return id


def _refuse(row: Row[Any], now: datetime) -> None:
    if row.status in ("pending", "sending"):
        raise StillWaiting()
    if row.kind in LINKS and (row.useful_until is None or row.useful_until <= now):
        raise LinkExpired()
    if not row.recipient and row.status != "failed":
        raise Forgotten()


def _copy(id: UUID, message_id: UUID, kind: str, now: datetime) -> dict[str, Any]:
    return {
        "id": id,
        "cause": f"resend:{id}",
        "message_id": message_id,
        "trace_context": {"traceparent": current_traceparent(), "correlationid": correlation_id.get()},
        "now": now,
        "keeps_end": Kind(kind) in LINKS,
    }
