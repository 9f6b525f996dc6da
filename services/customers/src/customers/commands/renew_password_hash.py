"""The same password is hashed anew because the parameters of hashing have changed."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import update

from customers.adapters.tables import accounts


@dataclass(frozen=True, slots=True)
class RenewPasswordHash:
    """Both hashes are of the same password."""

    account_id: UUID
    outdated_hash: str = field(repr=False)
    new_hash: str = field(repr=False)


async def renew_password_hash(command: RenewPasswordHash, uow: UnitOfWork) -> None:
    """Does nothing if the password was changed meanwhile. Nobody's access changes, so the version stays."""
    await uow.execute(
        update(accounts)
        .where(accounts.c.id == command.account_id, accounts.c.password_hash == command.outdated_hash)
        .values(password_hash=command.new_hash)
    )
