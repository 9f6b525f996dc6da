"""A recipient wants no more of what is not transactional."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.contracts.notifications import Unsubscribed
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import bindparam, select, text, update

from notifications.adapters.suppression_list import suppress
from notifications.adapters.tables import customers, messages

_MESSAGE = select(messages.c.customer_id, messages.c.recipient).where(messages.c.id == bindparam("message_id"))
# The copy changes at once; its owner hears of it and tells all others.
_NO_EMAIL = text("UPDATE customers SET email_notifications = false WHERE id = :id AND email_notifications RETURNING id")
_NO_SMS = (
    update(customers)
    .where(customers.c.phone == bindparam("of_phone"), customers.c.sms_notifications)
    .values(sms_notifications=False)
    .returning(customers.c.id)
)


@dataclass(frozen=True, slots=True)
class StopMessages:
    """By the link in this message."""

    message_id: UUID


async def stop_messages(command: StopMessages, uow: UnitOfWork) -> None:
    """Done again it changes nothing. A guest, who has no preferences, goes on the list of addresses instead."""
    row = await uow.fetch_one(_MESSAGE, {"message_id": command.message_id})
    if row is None:
        return
    if row.customer_id is None:
        if row.recipient:
            await suppress(uow, "email", row.recipient, "unsubscribe", "optional")
        return
    if await uow.fetch_one(_NO_EMAIL, {"id": row.customer_id}) is not None:
        _tell(uow, row.customer_id, "email")


async def sms_ended(uow: UnitOfWork, phone: str) -> None:
    """The owner of this number wants no SMS; all accounts that have it follow."""
    for row in await uow.fetch_all(_NO_SMS, {"of_phone": phone}):
        _tell(uow, row.id, "sms")


def _tell(uow: UnitOfWork, customer_id: UUID, channel: Literal["email", "sms"]) -> None:
    uow.record(Unsubscribed(request_id=new_id(), customer_id=customer_id, channel=channel), 1)
