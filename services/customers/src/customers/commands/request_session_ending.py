"""An account's access changed, as the event tells: its earlier sessions at the gateway are to end.

Whoever changes the access has asked for it already; asking again is safe, and an instance of an older release did not.
"""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork

from customers.adapters.sessions import request_ending


@dataclass(frozen=True, slots=True)
class RequestSessionEnding:
    """Sessions below `access_version` are to end. `reason` is for the log."""

    account_id: UUID
    access_version: int
    reason: str


async def request_session_ending(command: RequestSessionEnding, uow: UnitOfWork) -> None:
    """Leaves the request."""
    await request_ending(uow, command.account_id, command.access_version, command.reason)
