"""The terms of business for staff."""

from typing import Any

from fastapi import APIRouter, Response
from shared.commands import Commands
from shared.contracts.catalog import Policies
from shared.db.engine import Database
from shared.errors import Unavailable
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller
from sqlalchemy import select

from catalog.adapters.tables import catalog_head, policies
from catalog.api.documents import shown
from catalog.api.partial import partial
from catalog.api.policy_bodies import PolicyFields
from catalog.api.schemas import PoliciesAnswer
from catalog.commands.change_policies import ChangePolicies

PATH = "/api/staff/catalog/policies/"

_NOW = select(policies.c.settings, catalog_head.c.version).join(catalog_head, policies.c.id == catalog_head.c.id)


class StaffPoliciesAnswer(PoliciesAnswer):
    """The terms of business and the catalogue version that they are part of."""

    catalog_version: int


PolicyChange = partial(PolicyFields, "PolicyChange", StaffPoliciesAnswer)


def routes(database: Database, commands: Commands) -> APIRouter:
    """The router."""
    router = APIRouter(tags=["Staff: catalogue"])

    @router.get(PATH, response_model=StaffPoliciesAnswer, operation_id="get_policies", summary="The terms of business")
    async def get_policies(caller: Caller = access.staff("view_catalog")) -> Response:
        row = await database.fetch_one(_NOW)
        if row is None:
            raise Unavailable("The catalogue is not loaded yet.", retry_after=1)
        return answer(shown(Policies.model_validate(row.settings)) | {"catalog_version": row.version})

    async def change_policies(body: Any, caller: Caller = access.staff("manage_catalog")) -> Response:
        changed, version = await commands.execute(ChangePolicies(body.model_dump(exclude_unset=True), caller))
        return answer(shown(changed) | {"catalog_version": version})

    change_policies.__annotations__["body"] = PolicyChange
    router.put(
        PATH, response_model=StaffPoliciesAnswer, operation_id="change_policies", summary="Change the terms of business"
    )(change_policies)
    return router
