"""An account's access changed: its earlier sessions at the gateway are to end."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import session_endings

_arriving = insert(session_endings)
_REQUEST = _arriving.on_conflict_do_update(
    index_elements=["account_id"],
    set_={
        "access_version": func.greatest(session_endings.c.access_version, _arriving.excluded.access_version),
        "requested_at": _arriving.excluded.requested_at,
        "reason": _arriving.excluded.reason,
        "attempts": 0,
        "last_error": None,
    },
)


@dataclass(frozen=True, slots=True)
class RequestSessionEnding:
    """Sessions below `access_version` are to end. `reason` is for the log."""

    account_id: UUID
    access_version: int
    reason: str


async def request_session_ending(command: RequestSessionEnding, uow: UnitOfWork) -> None:
    """Leaves the request for the job that calls the gateway, which must not happen inside a transaction."""
    values = {"account_id": command.account_id, "access_version": command.access_version, "reason": command.reason}
    await uow.execute(_REQUEST, {**values, "requested_at": uow.now})
