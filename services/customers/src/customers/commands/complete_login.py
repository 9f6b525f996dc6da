"""A login that waited for its second factor goes on with a code of the app, or with a recovery code."""

from dataclasses import dataclass, field
from typing import Any

from shared.audit import StaffMember
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, Select, bindparam, select

from customers.adapters.account_tokens import redeem_token
from customers.adapters.audit_log import log_staff_action
from customers.adapters.second_factors import SecondFactors
from customers.adapters.secret_tables import account_tokens
from customers.adapters.tables import accounts, staff
from customers.commands.record_failed_login import count_failure, taken_failures
from customers.domain.errors import InvalidToken
from customers.domain.tokens import token_hash
from customers.queries.accounts import STAFF_BY_ID

_WAITING: Select[Any] = (
    select(accounts.c.id, accounts.c.email, accounts.c.access_version)
    .select_from(
        account_tokens.join(accounts, accounts.c.id == account_tokens.c.account_id).join(
            staff, staff.c.id == accounts.c.id
        )
    )
    .where(
        account_tokens.c.token_sha256 == bindparam("digest"),
        account_tokens.c.purpose == "login",
        account_tokens.c.expires_at > bindparam("now"),
        account_tokens.c.access_version == accounts.c.access_version,
        staff.c.is_active,
    )
)


@dataclass(frozen=True, slots=True)
class CompleteLogin:
    """`code` is of the app or a recovery code; `how` is the sentence of the audit log."""

    login_token: str = field(repr=False)
    code: str = field(repr=False)
    how: str
    ip_address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class CompletedLogin:
    """Who is in, at which access version."""

    row: Row[Any]
    access_version: int
    recovery_codes_left: int


class CompletingLogins:
    """The handler."""

    def __init__(self, second_factors: SecondFactors) -> None:
        self._second_factors = second_factors

    async def __call__(self, command: CompleteLogin, uow: UnitOfWork) -> CompletedLogin | None:
        """Nothing for a wrong code, which counts as a failed login; raises `InvalidToken` or `Locked`.

        All of it happens under the lock of the failures' row, so that of many guesses at once ten are judged.
        """
        waiting = await uow.fetch_one(_WAITING, {"digest": token_hash(command.login_token), "now": uow.now})
        if waiting is None:
            raise InvalidToken()
        failures = await taken_failures(uow, waiting.email)
        if not await self._second_factors.proves(uow, waiting.id, command.code):
            await count_failure(uow, waiting.email, failures)
            return None
        if await redeem_token(uow, command.login_token, "login") is None:
            raise InvalidToken()
        row = await uow.fetch_one(STAFF_BY_ID, {"id": waiting.id})
        assert row is not None
        member = StaffMember(row.id, command.ip_address, command.user_agent)
        await log_staff_action(uow, member, "login", command.how)
        left = await self._second_factors.recovery_codes_left(uow, waiting.id)
        return CompletedLogin(row, waiting.access_version, left)
