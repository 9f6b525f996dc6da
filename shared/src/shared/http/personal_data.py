"""What a service holds about a customer, told to the service that hands customers all of their data."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from shared.http import access
from shared.http.identity import Caller

Entries = Sequence[Mapping[str, Any]]
PATH = "/internal/customers/{customer_id}/data/"
COLLECTOR = "customers"


class PersonalData(BaseModel):
    """Lists of entries by their names, such as `saved_cards`."""

    lists: dict[str, list[dict[str, Any]]]


def personal_data_routes(collect: Callable[[UUID], Awaitable[Mapping[str, Entries]]]) -> APIRouter:
    """`GET /internal/customers/{customer_id}/data/` with what `collect` finds."""
    router = APIRouter(tags=["internal"])

    @router.get(PATH, response_model=PersonalData, summary="What is held about a customer")
    async def personal_data(customer_id: UUID, caller: Caller = access.service(COLLECTOR)) -> dict[str, Any]:
        """Empty lists for a customer that nothing is known of."""
        found = await collect(customer_id)
        return {"lists": {name: [dict(entry) for entry in entries] for name, entries in found.items()}}

    return router
