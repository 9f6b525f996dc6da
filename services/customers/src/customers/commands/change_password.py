"""A customer gets another password, and all sessions that the old one opened end."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.contracts.customers import AccessChanged
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, update

from customers.adapters.tables import accounts
from customers.domain.errors import InvalidCredentials
from customers.queries.accounts import CUSTOMER_BY_ID


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """`verified_hash` is that of the password which its owner has just proved to know."""

    customer_id: UUID
    verified_hash: str = field(repr=False)
    new_hash: str = field(repr=False)


async def change_password(command: ChangePassword, uow: UnitOfWork) -> Row[Any]:
    """The customer's row after the change, which has the only access version that sessions may still have.

    Raises `InvalidCredentials` when the password was changed by someone else since it was verified.
    """
    changed = await uow.fetch_one(
        update(accounts)
        .where(accounts.c.id == command.customer_id, accounts.c.password_hash == command.verified_hash)
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
    event = AccessChanged(
        account_id=command.customer_id, access_version=changed.access_version, reason="password_changed"
    )
    uow.record(event, changed.version)
    row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": command.customer_id})
    assert row is not None
    return row
