"""The jobs that tell the gateway, until it has heard, what became of accounts: sessions end, or say something else."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.db.engine import Database
from shared.errors import Unavailable
from shared.http.client import ServiceClient
from sqlalchemy import Column, Row, Table, bindparam, delete, select, update

from customers.adapters.tables import session_endings, session_refreshes
from customers.api.presenting import session_of_customer
from customers.queries.accounts import customer_row

log = logging.getLogger(__name__)

BUDGET_SECONDS = 3.0
AT_A_TIME = 50
LONGEST_ERROR = 200

Body = Mapping[str, Any]
BodyOf = Callable[[Row[Any]], Awaitable[Body | None]]


class _Requests:
    """A table of requests, one per account; the one because of a later change is another one and stays."""

    def __init__(self, table: Table, version: Column[int]) -> None:
        same = (table.c.account_id == bindparam("of_account"), version == bindparam("of_change"))
        self.waiting = (
            select(table.c.account_id, version.label("change"))
            .order_by(table.c.attempts, table.c.requested_at)
            .limit(AT_A_TIME)
        )
        self.done = delete(table).where(*same)
        self.failed = update(table).where(*same).values(attempts=table.c.attempts + 1, last_error=bindparam("error"))


_ENDINGS = _Requests(session_endings, session_endings.c.access_version)
_REFRESHES = _Requests(session_refreshes, session_refreshes.c.version)


class SessionOrders:
    """All orders are safe to repeat, so a request is forgotten only after the gateway's answer."""

    def __init__(
        self, database: Database, gateway: ServiceClient, requests: _Requests, path: str, body_of: BodyOf
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._requests = requests
        self._path = path
        self._body_of = body_of

    async def __call__(self) -> None:
        """Tries each waiting request once; those that failed most often come last."""
        for row in await self._database.fetch_all(self._requests.waiting):
            try:
                error = await self._order(row)
            except Unavailable as unavailable:
                await self._failed(row, unavailable.message)
                break
            await (self._failed(row, error) if error else self._done(row))

    async def _order(self, row: Row[Any]) -> str:
        """What went wrong, if anything did. Raises `Unavailable` if the gateway could not be asked at all."""
        body = await self._body_of(row)
        if body is None:
            return ""
        answer = await self._gateway.post(self._path, body, BUDGET_SECONDS)
        return "" if 200 <= answer.status < 300 else f"the gateway answered {answer.status}"

    async def _done(self, row: Row[Any]) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(self._requests.done, {"of_account": row.account_id, "of_change": row.change})
        log.info("sessions follow their account", extra={"account_id": str(row.account_id), "order": self._path})

    async def _failed(self, row: Row[Any], error: str) -> None:
        details = {"account_id": str(row.account_id), "order": self._path, "error": error}
        log.warning("sessions do not follow their account yet", extra=details)
        values = {"of_account": row.account_id, "of_change": row.change, "error": error[:LONGEST_ERROR]}
        async with self._database.transaction() as connection:
            await connection.execute(self._requests.failed, values)


def ending_sessions(database: Database, gateway: ServiceClient) -> SessionOrders:
    """Ends the sessions of accounts whose access changed."""

    async def body_of(row: Row[Any]) -> Body:
        return {"account_id": row.account_id, "access_version": row.change}

    return SessionOrders(database, gateway, _ENDINGS, "/internal/sessions/end", body_of)


def refreshing_sessions(database: Database, gateway: ServiceClient) -> SessionOrders:
    """Has the sessions of customers say what their accounts say by now; of one that is erased nothing is said."""

    async def body_of(row: Row[Any]) -> Body | None:
        account = await customer_row(database, row.account_id)
        if account is None or account.erased_at is not None:
            return None
        return {"session": session_of_customer(account, account.access_version)}

    return SessionOrders(database, gateway, _REFRESHES, "/internal/sessions/refresh", body_of)
