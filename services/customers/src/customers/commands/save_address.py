"""A customer saves, changes or removes an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.errors import Invalid
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from customers.adapters.tables import accounts, saved_addresses
from customers.domain.addresses import state_problem
from customers.domain.errors import AddressNotFound, CustomerNotFound, NicknameExists

_IS_THERE = (
    select(accounts.c.id)
    .where(accounts.c.id == bindparam("customer"), accounts.c.erased_at.is_(None))
    .with_for_update(read=True)
)
_PLACE = (
    select(saved_addresses.c.zip_code, saved_addresses.c.state)
    .where(
        saved_addresses.c.id == bindparam("address"),
        saved_addresses.c.customer_id == bindparam("customer"),
        saved_addresses.c.is_active,
    )
    .with_for_update()
)
_SAVE = insert(saved_addresses).on_conflict_do_nothing().returning(saved_addresses.c.id)


@dataclass(frozen=True, slots=True)
class SaveAddress:
    """`fields` holds the columns of the new address."""

    customer_id: UUID
    fields: Mapping[str, Any]
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """`fields` holds the columns to change."""

    customer_id: UUID
    address_id: UUID
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """The address is no longer offered; that bookings used it stays known."""

    customer_id: UUID
    address_id: UUID


async def save_address(command: SaveAddress, uow: UnitOfWork) -> UUID:
    """The new address's id.

    Raises `NicknameExists`, `CustomerNotFound` for one that is being forgotten, or what `claim` raises.
    """
    if not await uow.scalar(_IS_THERE, {"customer": command.customer_id}):
        raise CustomerNotFound()
    attempt = new_id()
    if (claimed := await claim(uow, command.key, attempt)) != attempt:
        return claimed
    times = {"created_at": uow.now, "updated_at": uow.now}
    values = {"id": attempt, "customer_id": command.customer_id, **times, **command.fields}
    address_id: UUID | None = await uow.scalar(_SAVE, values)
    if address_id is None:
        raise NicknameExists()
    return address_id


async def change_address(command: ChangeAddress, uow: UnitOfWork) -> UUID:
    """The address's id.

    Raises `NicknameExists`, `AddressNotFound`, or `Invalid` for a ZIP code and a state that don't go together.
    """
    await _check_place(command, uow)
    try:
        return await _update(command.customer_id, command.address_id, command.fields, uow)
    except IntegrityError as error:
        raise NicknameExists() from error


async def _check_place(command: ChangeAddress, uow: UnitOfWork) -> None:
    """One of the two may stay as it is, so both are looked at together. The lock keeps them until the change."""
    row = await uow.fetch_one(_PLACE, {"address": command.address_id, "customer": command.customer_id})
    if row is None:
        raise AddressNotFound()
    place = {**row._mapping, **command.fields}
    if problem := state_problem(place["zip_code"], place["state"]):
        raise Invalid({"zip_code": [problem]})


async def remove_address(command: RemoveAddress, uow: UnitOfWork) -> None:
    """Raises `AddressNotFound`."""
    await _update(command.customer_id, command.address_id, {"is_active": False}, uow)


async def _update(customer_id: UUID, address_id: UUID, values: Mapping[str, Any], uow: UnitOfWork) -> UUID:
    own = (
        saved_addresses.c.id == address_id,
        saved_addresses.c.customer_id == customer_id,
        saved_addresses.c.is_active,
    )
    change = update(saved_addresses).where(*own).values(updated_at=uow.now, **values)
    found: UUID | None = await uow.scalar(change.returning(saved_addresses.c.id))
    if found is None:
        raise AddressNotFound()
    return found
