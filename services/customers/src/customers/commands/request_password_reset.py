"""Somebody forgot a password. The request only leaves a note, whether the address is known or not; a worker answers.

So the answer, the statements and the time are the same for every address.
"""

from dataclasses import dataclass
from typing import Literal

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from customers.adapters.links import Links
from customers.adapters.secret_tables import reset_requests
from customers.queries.accounts import RESETTABLE

AT_A_TIME = 50

_arriving = insert(reset_requests)
_NOTE = _arriving.on_conflict_do_update(
    index_elements=["account_kind", "email"], set_={"requested_at": _arriving.excluded.requested_at}
)
_KEY = (reset_requests.c.account_kind, reset_requests.c.email)
_OLDEST = select(*_KEY).order_by(reset_requests.c.requested_at).limit(AT_A_TIME).with_for_update(skip_locked=True)
_TAKE = delete(reset_requests).where(tuple_(*_KEY).in_(_OLDEST)).returning(*_KEY)


@dataclass(frozen=True, slots=True)
class RequestPasswordReset:
    """For the account of this kind with this address, if there is one."""

    email: str
    kind: Literal["customer", "staff"]


@dataclass(frozen=True, slots=True)
class AnswerResetRequests:
    """Once in a while."""


async def request_password_reset(command: RequestPasswordReset, uow: UnitOfWork) -> None:
    """Leaves the note."""
    uow.send(_NOTE, {"account_kind": command.kind, "email": command.email, "requested_at": uow.now})


class AnsweringResetRequests:
    """Sends the links."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def __call__(self, _: AnswerResetRequests, uow: UnitOfWork) -> None:
        """Addresses without an account of that kind, of inactive ones, and those with enough links get nothing."""
        for asked in await uow.fetch_all(_TAKE):
            account = await uow.fetch_one(RESETTABLE, {"email": asked.email, "kind": asked.account_kind})
            if account is not None:
                await self._links.reset_password(uow, account)
