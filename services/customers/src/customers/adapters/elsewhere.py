"""What other services hold about a customer. Nothing but handing customers their data asks for it."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from shared.errors import Unavailable
from shared.http.client import ServiceClient
from shared.http.personal_data import PATH, PersonalData

BUDGET_SECONDS = 3.0


class Elsewhere:
    """Asks booking, payments and notifications at the same time."""

    def __init__(self, clients: Sequence[ServiceClient]) -> None:
        self._clients = clients

    async def about(self, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
        """All of their lists by name; raises `Unavailable` if one of them can't tell, since a part is not all."""
        found = await asyncio.gather(*(self._ask(client, customer_id) for client in self._clients))
        return {name: entries for lists in found for name, entries in lists.items()}

    async def _ask(self, client: ServiceClient, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
        away = "Not all of your data can be read at the moment. Please try again in a minute."
        try:
            answer = await client.get(PATH.format(customer_id=customer_id), BUDGET_SECONDS)
            if answer.status == 200:
                return PersonalData.model_validate(answer.body).lists
        except (Unavailable, ValidationError) as error:
            raise Unavailable(away, retry_after=60) from error
        raise Unavailable(away, retry_after=60)
