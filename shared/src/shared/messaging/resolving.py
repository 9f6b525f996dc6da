"""What staff do with parked messages, each with its entry in the audit log."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from shared.audit import member_of, record_staff_action
from shared.db.tables import parked_messages as parked
from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid, NotFound
from shared.http.identity import Caller


@dataclass(frozen=True, slots=True)
class NoteOperation:
    """Somebody of the staff is about to do this."""

    description: str
    by: Caller


async def note_operation(command: NoteOperation, uow: UnitOfWork) -> None:
    """Records it for the audit log, before it is done: an action without its entry does not happen."""
    record_staff_action(uow, member_of(command.by), "operations_changed", command.description)


@dataclass(frozen=True, slots=True)
class ResolveParked:
    """Give a parked message of `service` up, for `reason`."""

    message_id: UUID
    reason: str
    service: str
    by: Caller


async def resolve_parked(command: ResolveParked, uow: UnitOfWork) -> None:
    """Raises `NotFound` if no such message waits, and `Invalid` without a reason."""
    if not command.reason:
        raise Invalid({"reason": ["Say why it is dropped."]})
    waiting = select(parked.c.type).where(parked.c.id == command.message_id, parked.c.resolved_at.is_(None))
    row = await uow.fetch_one(waiting.with_for_update())
    if row is None:
        raise NotFound("There is no such parked event.")
    await uow.execute(
        update(parked)
        .where(parked.c.id == command.message_id)
        .values(resolved_at=uow.now, resolution=f"dropped: {command.reason}")
    )
    sentence = f"Parked event {command.message_id} ({row.type}) of {command.service} dropped: {command.reason}"
    await note_operation(NoteOperation(sentence, command.by), uow)
