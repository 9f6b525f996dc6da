"""An account's access changed: its sessions at the gateway are to end."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import session_endings

_arriving = insert(session_endings)
_REQUEST = _arriving.on_conflict_do_update(
    index_elements=["account_id"],
    set_={
        "requested_at": _arriving.excluded.requested_at,
        "reason": _arriving.excluded.reason,
        "attempts": 0,
        "last_error": None,
    },
)


@dataclass(frozen=True, slots=True)
class RequestSessionEnding:
    """`reason` is for the log."""

    account_id: UUID
    reason: str


async def request_session_ending(command: RequestSessionEnding, uow: UnitOfWork) -> None:
    """Leaves the request for the job that calls the gateway, which must not happen inside a transaction."""
    values = {"account_id": command.account_id, "reason": command.reason, "requested_at": uow.now}
    await uow.execute(_REQUEST, values)
