"""Somebody who knows the password gets another one, and all sessions that the old one opened end."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, update

from customers.adapters.account_tokens import forget_ways_in
from customers.adapters.audit_log import log_staff_action
from customers.adapters.sessions import end_sessions
from customers.adapters.staff import Actor
from customers.adapters.tables import accounts
from customers.domain.errors import InvalidCredentials


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """`verified_hash` is that of the password which its owner has just proved to know.

    `actor` is the owner if that is a staff member, for the audit log.
    """

    account_id: UUID
    verified_hash: str = field(repr=False)
    new_hash: str = field(repr=False)
    actor: Actor | None = None


async def change_password(command: ChangePassword, uow: UnitOfWork) -> Row[Any]:
    """(access_version), the only one that sessions may still have. All links of the account end.

    Raises `InvalidCredentials` when the password was changed by someone else since it was verified.
    """
    changed = await uow.fetch_one(
        update(accounts)
        .where(accounts.c.id == command.account_id, accounts.c.password_hash == command.verified_hash)
        .values(
            password_hash=command.new_hash,
            version=accounts.c.version + 1,
            access_version=accounts.c.access_version + 1,
            updated_at=uow.now,
        )
        .returning(accounts.c.version, accounts.c.access_version)
    )
    if changed is None:
        raise InvalidCredentials()
    await end_sessions(uow, command.account_id, changed.version, changed.access_version, "password_changed")
    await forget_ways_in(uow, command.account_id)
    if command.actor is not None:
        await log_staff_action(uow, command.actor, "staff_updated", "Password changed")
    return changed
