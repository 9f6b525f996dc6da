"""A carrier tells what became of a message, or somebody answered an SMS."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.notifications import MessageFailed, MessageState
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Unavailable
from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert

from notifications.adapters.suppression_list import lift, suppress
from notifications.adapters.tables import feedback
from notifications.commands.stop_messages import sms_ended
from notifications.domain.feedback import InboundSms, MailReport

_FIRST = insert(feedback).on_conflict_do_nothing().returning(feedback.c.id)
_ATTEMPT = text("""
UPDATE deliveries SET status = :status, reason = :reason, happened_at = :now
WHERE (message_id, attempt) IN (
    SELECT message_id, attempt FROM deliveries
    WHERE (:provider_id <> '' AND provider_id = :provider_id)
       OR (message_id = :message_id AND carrier = 'ses' AND status = 'handed_over')
    ORDER BY (provider_id = :provider_id) DESC, attempt DESC LIMIT 1)
  AND (status = 'handed_over' OR status = 'delivered' AND :status <> 'delivered')
RETURNING message_id
""")
_IN_HAND = text("SELECT id FROM messages WHERE id = :message_id AND status = 'sending'")
_FAIL = text("""
UPDATE messages SET status = 'failed', sent_at = NULL, failure_reason = :reason, version = version + 1
WHERE id = :message_id AND status = 'sent'
RETURNING id, version, kind, channel, subject, booking_id, customer_id, failure_reason
""")


@dataclass(frozen=True, slots=True)
class ReceiveFeedback:
    """`id` is the notification's own: it may come more than once."""

    id: str
    told: MailReport | InboundSms


async def receive_feedback(command: ReceiveFeedback, uow: UnitOfWork) -> None:
    """Raises `Unavailable` for an e-mail whose hand-over is not written down yet, so that it is told again."""
    if await uow.fetch_one(_FIRST, {"id": command.id, "received_at": uow.now}) is None:
        return
    if isinstance(command.told, InboundSms):
        await _answered(command.told, uow)
    else:
        await _reported(command.told, uow)


async def _answered(sms: InboundSms, uow: UnitOfWork) -> None:
    if sms.stops:
        await suppress(uow, "sms", sms.sender, "stop", "all")
        await sms_ended(uow, sms.sender)
    elif sms.starts:
        await lift(uow, "sms", sms.sender, "stop")


async def _reported(report: MailReport, uow: UnitOfWork) -> None:
    about: dict[str, Any] = {
        "status": report.outcome,
        "reason": report.reason,
        "provider_id": report.provider_id,
        "message_id": report.message_id,
        "now": uow.now,
    }
    row = await uow.fetch_one(_ATTEMPT, about)
    if row is None and report.message_id and await uow.fetch_one(_IN_HAND, {"message_id": report.message_id}):
        raise Unavailable()
    await _keep_back(report, uow)
    if row is not None and report.outcome == "bounced":
        failed = await uow.fetch_one(_FAIL, {"message_id": row.message_id, "reason": report.reason})
        if failed is not None:
            uow.record(MessageFailed(message=_state(failed)), failed.version)


async def _keep_back(report: MailReport, uow: UnitOfWork) -> None:
    """What can't arrive is not sent again; who complained gets only what belongs to a booking."""
    for address in report.addresses:
        if report.outcome == "bounced" and report.is_permanent:
            await suppress(uow, "email", address, "bounce", "all", report.reason)
        if report.outcome == "complained":
            await suppress(uow, "email", address, "complaint", "optional", report.reason)


def _state(row: Row[Any]) -> MessageState:
    return MessageState(
        id=UUID(str(row.id)),
        version=row.version,
        kind=row.kind,
        channel=row.channel,
        status="failed",
        subject=row.subject,
        booking_id=row.booking_id,
        customer_id=row.customer_id,
        failure_reason=row.failure_reason,
    )
