"""Checks passwords for logins and for changes of the password: slow by intent, so outside of any transaction."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from sqlalchemy import Row

from customers.adapters.passwords import Passwords
from customers.commands.record_failed_login import RecordFailedLogin
from customers.commands.renew_password_hash import RenewPasswordHash
from customers.domain.errors import InvalidCredentials
from customers.domain.lockout import refuse_if_locked
from customers.queries.accounts import login_row


@dataclass(frozen=True, slots=True)
class Proven:
    """An account whose password was given rightly; `password_hash` is what it was compared with."""

    account_id: UUID
    kind: Literal["customer", "staff"]
    password_hash: str = field(repr=False)


class Authentication:
    """Who has the right password. Unknown and known addresses take the same steps and get the same answer."""

    def __init__(self, database: Database, commands: Commands, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._commands = commands
        self._passwords = passwords
        self._clock = clock

    async def prove(self, email: str, password: str) -> Proven:
        """The account of both kinds that these belong to; raises `InvalidCredentials`, `Locked` or `Unavailable`."""
        account = await self._unlocked(email)
        right = await self._passwords.verify(account.password_hash, password)
        if not right or not account.is_active:
            await self._commands.execute(RecordFailedLogin(email))
            raise InvalidCredentials()
        await self._prove_still(email, account.password_hash)
        await self._renew_hash(account.id, account.password_hash, password)
        return Proven(account.id, account.kind, account.password_hash)

    async def _unlocked(self, email: str) -> Row[tuple[object, ...]]:
        account = await login_row(self._database, email)
        refuse_if_locked(account.locked_until, self._clock())
        return account

    async def _prove_still(self, email: str, verified_hash: str) -> None:
        """Guesses that were under way while the account was locked or its password changed tell nothing."""
        account = await self._unlocked(email)
        if account.password_hash != verified_hash or not account.is_active:
            raise InvalidCredentials()

    async def _renew_hash(self, account_id: UUID, password_hash: str, password: str) -> None:
        if self._passwords.is_outdated(password_hash):
            renewed = await self._passwords.hash(password)
            await self._commands.execute(RenewPasswordHash(account_id, password_hash, renewed))
