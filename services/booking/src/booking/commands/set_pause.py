"""Staff pause online booking, or let it go on."""

from dataclasses import dataclass

from shared.audit import StaffMember, record_staff_action
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.sales_tables import pauses

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
    done = f"{'Resumed' if command.message is None else 'Paused'} online booking ({command.scope})."
    was, now = ({"scope": command.scope, "message": message} for message in (before, command.message))
    record_staff_action(uow, command.staff, "operations_changed", done, before=was, after=now)
