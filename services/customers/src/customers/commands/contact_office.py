"""Somebody writes to the office, and the office takes care of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.audit import StaffMember
from shared.contracts.customers import ContactReceived
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import Row, bindparam, insert, select, update

from customers.adapters.audit_log import log_staff_action
from customers.adapters.people_tables import contact_messages

FIRST_VERSION = 1

_BY_ID = select(contact_messages).where(contact_messages.c.id == bindparam("of_message")).with_for_update()
_MARK = (
    update(contact_messages)
    .where(contact_messages.c.id == bindparam("of_message"))
    .values(handled_at=bindparam("at"), handled_by=bindparam("by"))
    .returning(*contact_messages.c)
)


class MessageNotFound(NotFound):
    """There is no such message to the office."""

    message = "There is no such message."


@dataclass(frozen=True, slots=True)
class ContactOffice:
    """What somebody wrote; `customer_id` if they were logged in."""

    customer_id: UUID | None
    name: str
    email: str
    phone: str
    subject: str
    message: str
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class MarkHandled:
    """The message is taken care of, or is not after all."""

    message_id: UUID
    handled: bool
    staff: StaffMember


async def contact_office(command: ContactOffice, uow: UnitOfWork) -> UUID:
    """The message's id; the event has it sent on to the office. Raises what `claim` raises."""
    attempt = new_id()
    if (contact_id := await claim(uow, command.key, attempt)) != attempt:
        return contact_id
    received = ContactReceived(
        contact_id=contact_id,
        customer_id=command.customer_id,
        name=command.name,
        email=command.email,
        phone=command.phone,
        subject=command.subject,
        message=command.message,
        received_at=uow.now,
    )
    row = received.model_dump(exclude={"contact_id"})
    await uow.execute(insert(contact_messages), {"id": received.contact_id, **row})
    uow.record(received, FIRST_VERSION)
    return received.contact_id


async def mark_handled(command: MarkHandled, uow: UnitOfWork) -> Row[Any]:
    """The message after it; who was first stays the one who handled it. Raises `MessageNotFound`."""
    row = await uow.fetch_one(_BY_ID, {"of_message": command.message_id})
    if row is None:
        raise MessageNotFound()
    if (row.handled_at is not None) == command.handled:
        return row
    at, by = (uow.now, command.staff.id) if command.handled else (None, None)
    changed = await uow.fetch_one(_MARK, {"of_message": command.message_id, "at": at, "by": by})
    assert changed is not None
    what = "Message to the office handled" if command.handled else "Message to the office opened again"
    about = {"customer_id": row.customer_id, "after": {"contact_id": str(command.message_id)}}
    await log_staff_action(uow, command.staff, "customer_updated", what, **about)
    return changed
