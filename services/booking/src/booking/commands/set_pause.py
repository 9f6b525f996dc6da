"""Staff pause online booking, or let it go on."""

from dataclasses import dataclass

from shared.contracts.customers import AuditRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.sales_tables import pauses
from booking.commands.audit import StaffMember

_KNOWN = select(pauses.c.message).where(pauses.c.scope == bindparam("wanted")).with_for_update()
_PAUSE = insert(pauses)
_PAUSE = _PAUSE.on_conflict_do_update(
    index_elements=["scope"], set_={name: _PAUSE.excluded[name] for name in ("message", "paused_by", "paused_at")}
)
_GO_ON = delete(pauses).where(pauses.c.scope == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SetPause:
    """Pause `scope` (`all`, a service type, or a date) with a message for customers; null lets it go on."""

    scope: str
    message: str | None
    staff: StaffMember


async def set_pause(command: SetPause, uow: UnitOfWork) -> None:
    """Repeating it changes nothing but who did it last."""
    wanted = {"wanted": command.scope}
    before = await uow.scalar(_KNOWN, wanted)
    if command.message is None:
        await uow.execute(_GO_ON, wanted)
    else:
        who = {"paused_by": command.staff.id, "paused_at": uow.now}
        await uow.execute(_PAUSE, {"scope": command.scope, "message": command.message, **who})
    uow.record(_entry(command, before, uow), 1)


def _entry(command: SetPause, before: str | None, uow: UnitOfWork) -> AuditRecorded:
    done = "Resumed" if command.message is None else "Paused"
    return AuditRecorded(
        entry_id=new_id(),
        staff_id=command.staff.id,
        action_type="operations_changed",
        description=f"{done} online booking ({command.scope}).",
        ip_address=command.staff.ip,
        user_agent=command.staff.user_agent,
        happened_at=uow.now,
        before={"scope": command.scope, "message": before},
        after={"scope": command.scope, "message": command.message},
    )
