"""What a change of an account means for its sessions: those of before end, or say something else from then on."""

from uuid import UUID

from shared.contracts.customers import AccessChanged
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.tables import session_endings, session_refreshes

_ending = insert(session_endings)
_END = _ending.on_conflict_do_update(
    index_elements=["account_id"],
    set_={
        "access_version": func.greatest(session_endings.c.access_version, _ending.excluded.access_version),
        "requested_at": _ending.excluded.requested_at,
        "reason": _ending.excluded.reason,
        "attempts": 0,
        "last_error": None,
    },
)
_refresh = insert(session_refreshes)
_REFRESH = _refresh.on_conflict_do_update(
    index_elements=["account_id"],
    set_={
        "version": func.greatest(session_refreshes.c.version, _refresh.excluded.version),
        "requested_at": _refresh.excluded.requested_at,
        "attempts": 0,
        "last_error": None,
    },
)


async def request_ending(uow: UnitOfWork, account_id: UUID, access_version: int, reason: str) -> None:
    """Leaves the request for the job that calls the gateway, which must not happen inside a transaction."""
    values = {"account_id": account_id, "access_version": access_version, "reason": reason}
    await uow.execute(_END, {**values, "requested_at": uow.now})


async def end_sessions(uow: UnitOfWork, account_id: UUID, version: int, access_version: int, reason: str) -> None:
    """Has sessions below `access_version` end, and tells of it; `version` is the account's after the change.

    The request is written together with the change, so whoever loses rights loses them while the broker is away too.
    """
    await request_ending(uow, account_id, access_version, reason)
    uow.record(AccessChanged(account_id=account_id, access_version=access_version, reason=reason), version)


async def refresh_sessions(uow: UnitOfWork, account_id: UUID, version: int) -> None:
    """Has all sessions of a customer say who that is since the change to `version`, in whichever browser they are."""
    await uow.execute(_REFRESH, {"account_id": account_id, "version": version, "requested_at": uow.now})
