"""The job that has the gateway end the sessions of accounts whose access changed, until it has."""

import logging
from uuid import UUID

from shared.db.engine import Database
from shared.errors import Unavailable
from shared.http.client import Answer, ServiceClient
from sqlalchemy import bindparam, delete, select, update

from customers.adapters.tables import session_endings

log = logging.getLogger(__name__)

BUDGET_SECONDS = 3.0
AT_A_TIME = 50
LONGEST_ERROR = 200

_WAITING = (
    select(session_endings.c.account_id, session_endings.c.access_version)
    .order_by(session_endings.c.attempts, session_endings.c.requested_at)
    .limit(AT_A_TIME)
)
_SAME_REQUEST = (
    session_endings.c.account_id == bindparam("of_account"),
    session_endings.c.access_version == bindparam("of_change"),
)
_DONE = delete(session_endings).where(*_SAME_REQUEST)
_FAILED = (
    update(session_endings)
    .where(*_SAME_REQUEST)
    .values(attempts=session_endings.c.attempts + 1, last_error=bindparam("error"))
)
"""A request because of a later change is another one and stays."""


class EndSessions:
    """Ending sessions is safe to repeat, so a request is forgotten only after the gateway's answer."""

    def __init__(self, database: Database, gateway: ServiceClient) -> None:
        self._database = database
        self._gateway = gateway

    async def __call__(self) -> None:
        """Tries each waiting request once; those that failed most often come last."""
        for row in await self._database.fetch_all(_WAITING):
            if not await self._end(row.account_id, row.access_version):
                break

    async def _end(self, account_id: UUID, access_version: int) -> bool:
        """Whether the gateway could be asked at all."""
        body = {"account_id": account_id, "access_version": access_version}
        try:
            answer = await self._gateway.post("/internal/sessions/end", body, BUDGET_SECONDS)
        except Unavailable as error:
            await self._failed(account_id, access_version, error.message)
            return False
        await self._settle(account_id, access_version, answer)
        return True

    async def _settle(self, account_id: UUID, access_version: int, answer: Answer) -> None:
        if not 200 <= answer.status < 300:
            await self._failed(account_id, access_version, f"the gateway answered {answer.status}")
            return
        async with self._database.transaction() as connection:
            await connection.execute(_DONE, {"of_account": account_id, "of_change": access_version})
        log.info("sessions ended", extra={"account_id": str(account_id)})

    async def _failed(self, account_id: UUID, access_version: int, error: str) -> None:
        log.warning("sessions not ended yet", extra={"account_id": str(account_id), "error": error})
        values = {"of_account": account_id, "of_change": access_version, "error": error[:LONGEST_ERROR]}
        async with self._database.transaction() as connection:
            await connection.execute(_FAILED, values)
