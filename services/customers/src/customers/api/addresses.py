"""A customer's saved addresses."""

from enum import Enum
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.answers import answered_once
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller

from customers.api import address_schemas, answers, presenting
from customers.commands.save_address import ChangeAddress, RemoveAddress, SaveAddress
from customers.domain.errors import AddressNotFound
from customers.queries.addresses import addresses_of

TAGS: list[str | Enum] = ["Saved addresses"]


def routes(database: Database, commands: Commands) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/api/customers/addresses", tags=TAGS)
    _add_collection(router, database, commands)
    _add_one(router, database, commands)
    return router


def _add_collection(router: APIRouter, database: Database, commands: Commands) -> None:
    @router.get(
        "/", response_model=answers.SavedAddresses, operation_id="list_saved_addresses", summary="My saved addresses"
    )
    async def list_all(caller: Caller = access.customer()) -> dict[str, Any]:
        """All saved addresses, the most recently used first."""
        return presenting.addresses(await addresses_of(database, caller.require_customer()))

    @router.post(
        "/",
        status_code=201,
        response_model=answers.CreatedAddress,
        operation_id="save_address",
        summary="Save an address",
    )
    async def save(
        body: address_schemas.AddressFields, key: OptionalKey, caller: Caller = access.customer()
    ) -> Response:
        """Save an address. 409 `nickname_exists` if another one has the nickname."""
        command = SaveAddress(caller.require_customer(), body.model_dump(), key)

        async def work() -> dict[str, Any]:
            created = {"created_address": await _one(database, caller, await commands.execute(command))}
            return answers.CreatedAddress.model_validate(created).model_dump(mode="json")

        return await answered_once(database, key, work, 201)


def _add_one(router: APIRouter, database: Database, commands: Commands) -> None:
    @router.put(
        "/{id}/",
        response_model=answers.UpdatedAddress,
        operation_id="update_saved_address",
        summary="Change a saved address",
    )
    async def change(
        id: UUID, body: address_schemas.AddressChange, caller: Caller = access.customer()
    ) -> dict[str, Any]:
        """Change what is given. 409 `nickname_exists` if another one has the nickname."""
        await commands.execute(ChangeAddress(caller.require_customer(), id, body.changes()))
        return {"updated_address": await _one(database, caller, id)}

    @router.delete(
        "/{id}/", response_model=answers.Message, operation_id="remove_saved_address", summary="Remove a saved address"
    )
    async def remove(id: UUID, caller: Caller = access.customer()) -> dict[str, str]:
        """Remove an address."""
        await commands.execute(RemoveAddress(caller.require_customer(), id))
        return {"message": "Address removed."}


async def _one(database: Database, caller: Caller, address_id: UUID) -> dict[str, Any]:
    """The address as it is now; raises `AddressNotFound` if it was removed meanwhile."""
    rows = await addresses_of(database, caller.require_customer())
    found = next((row for row in rows if row.id == address_id), None)
    if found is None:
        raise AddressNotFound()
    return presenting.address(found)
