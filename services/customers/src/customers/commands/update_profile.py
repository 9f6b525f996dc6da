"""A customer changes name, phone or preferences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.customers import CustomerUpdated
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, select, update

from customers.adapters.repository import customer_state
from customers.adapters.sessions import refresh_sessions
from customers.adapters.tables import accounts, customers
from customers.domain.errors import CustomerNotFound, StaleVersion
from customers.queries.accounts import CUSTOMER_BY_ID


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """`person` and `preferences` hold the columns to change; `version`, if given, must be the present one."""

    customer_id: UUID
    person: Mapping[str, Any]
    preferences: Mapping[str, Any]
    version: int | None = None


async def update_profile(command: UpdateProfile, uow: UnitOfWork) -> Row[Any]:
    """The customer's row after the change, of which all sessions are told.

    Raises `StaleVersion` or `CustomerNotFound`.
    """
    change = (
        update(accounts)
        .where(accounts.c.id == command.customer_id, accounts.c.kind == "customer", accounts.c.erased_at.is_(None))
        .values(version=accounts.c.version + 1, updated_at=uow.now, **command.person)
        .returning(accounts.c.version)
    )
    if command.version is not None:
        change = change.where(accounts.c.version == command.version)
    version = await uow.scalar(change)
    if version is None:
        await _refuse(command.customer_id, uow)
    if command.preferences:
        preferences = update(customers).where(customers.c.id == command.customer_id)
        await uow.execute(preferences.values(**command.preferences))
    row = await uow.fetch_one(CUSTOMER_BY_ID, {"id": command.customer_id})
    assert row is not None
    if command.person:
        await refresh_sessions(uow, command.customer_id, version)
    uow.record(CustomerUpdated(customer=customer_state(row)), version)
    return row


async def _refuse(customer_id: UUID, uow: UnitOfWork) -> None:
    there = select(accounts.c.version).where(accounts.c.id == customer_id, accounts.c.erased_at.is_(None))
    present = await uow.scalar(there)
    if present is None:
        raise CustomerNotFound()
    raise StaleVersion(version=present)
