"""Checks passwords for logins and for changes of the password: slow by intent, so outside of any transaction."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.http.identity import Caller
from sqlalchemy import Row

from customers.adapters.passwords import Passwords
from customers.commands.record_failed_login import RecordFailedLogin
from customers.commands.renew_password_hash import RenewPasswordHash
from customers.domain.errors import InvalidCredentials
from customers.domain.lockout import refuse_if_locked
from customers.queries.accounts import login_row


@dataclass(frozen=True, slots=True)
class Proven:
    """An account whose password was given rightly; `password_hash` is the stored one.

    `access_version` belongs to that password: after the next change it is too low for a session.
    """

    account_id: UUID
    kind: Literal["customer", "staff"]
    access_version: int
    password_hash: str = field(repr=False)


class Authentication:
    """Who has the right password. Unknown and known addresses take the same steps and get the same answer."""

    def __init__(self, database: Database, commands: Commands, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._commands = commands
        self._passwords = passwords
        self._clock = clock

    async def prove(self, email: str, password: str) -> Proven:
        """The account of either kind that these belong to; raises `InvalidCredentials`, `Locked` or `Unavailable`."""
        account = await self._verified(email, password)
        password_hash = await self._renewed(account.id, account.password_hash, password)
        return Proven(account.id, account.kind, account.access_version, password_hash)

    async def prove_own(self, caller: Caller, password: str) -> Proven:
        """The caller's account, whose password this is; raises as `prove` does.

        The address in a session may have become another account's, whose password proves nothing about this one.
        """
        proven = await self.prove(caller.email, password)
        if proven.account_id != caller.id:
            raise InvalidCredentials()
        return proven

    async def _verified(self, email: str, password: str) -> Row[Any]:
        """The account, whose password was still this one and whose login was not locked after the slow comparison.

        So guesses that were under way when the account was locked or its password changed tell nothing.
        """
        account = await self._unlocked(email)
        while True:
            right = await self._passwords.verify(account.password_hash, password)
            if not right or not account.is_active:
                await self._commands.execute(RecordFailedLogin(email))
                raise InvalidCredentials()
            compared, account = account, await self._unlocked(email)
            if account.password_hash == compared.password_hash and account.is_active:
                return account

    async def _unlocked(self, email: str) -> Row[Any]:
        account = await login_row(self._database, email)
        refuse_if_locked(account.locked_until, self._clock())
        return account

    async def _renewed(self, account_id: UUID, password_hash: str, password: str) -> str:
        """The hash that is stored from now on."""
        if not self._passwords.is_outdated(password_hash):
            return password_hash
        renewed = await self._passwords.hash(password)
        await self._commands.execute(RenewPasswordHash(account_id, password_hash, renewed))
        return renewed
