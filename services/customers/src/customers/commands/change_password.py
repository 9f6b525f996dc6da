"""An account gets another password, and all its sessions end."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.customers import AccessChanged
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import update

from customers.adapters.tables import accounts
from customers.domain.errors import InvalidCredentials


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """`verified_hash` is that of the password which its owner has just proved to know."""

    account_id: UUID
    verified_hash: str = field(repr=False)
    new_hash: str = field(repr=False)


async def change_password(command: ChangePassword, uow: UnitOfWork) -> None:
    """Raises `InvalidCredentials` when the password was changed by someone else since it was verified."""
    version = await uow.scalar(
        update(accounts)
        .where(accounts.c.id == command.account_id, accounts.c.password_hash == command.verified_hash)
        .values(password_hash=command.new_hash, version=accounts.c.version + 1, updated_at=uow.now)
        .returning(accounts.c.version)
    )
    if version is None:
        raise InvalidCredentials()
    uow.record(AccessChanged(account_id=command.account_id, reason="password_changed"), version)
