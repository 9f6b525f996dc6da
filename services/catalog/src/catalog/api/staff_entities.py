"""What staff keep in the catalogue: the same five endpoints for each kind of thing."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer, answered_once
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import Page, paged, wanted_page

from catalog.adapters.tables import TABLES
from catalog.api.entities import RESOURCES, Resource
from catalog.commands.add_entity import AddEntity
from catalog.commands.change_entity import ChangeEntity
from catalog.queries.entities import get_row, list_rows

WantedPage = Annotated[Page, Depends(wanted_page)]


def routes(database: Database, commands: Commands) -> APIRouter:
    """Reads and changes of the catalogue; each change makes a new version and an entry in the audit log."""
    router = APIRouter(prefix="/api/staff/catalog", tags=["Staff: catalogue"])
    for resource in RESOURCES:
        _add_reads(router, resource, database)
        _add_changes(router, resource, database, commands)
    return router


def _add_reads(router: APIRouter, resource: Resource, database: Database) -> None:
    kind, table = resource.kind, TABLES[resource.kind.contract]

    @router.get(
        f"/{kind.path}/",
        response_model=resource.page,
        operation_id=f"list_staff_{resource.name}s",
        summary=f"Each {kind.noun}, active or not",
    )
    async def list_all(
        request: Request,
        page: WantedPage,
        is_active: bool | None = None,
        caller: Caller = access.staff("view_catalog"),
    ) -> Response:
        rows, count = await list_rows(database, table, page, is_active)
        return answer(paged(request, page, [resource.present(row) for row in rows], count))

    @router.get(
        f"/{kind.path}/{{id}}/",
        response_model=resource.answer,
        operation_id=f"get_staff_{resource.name}",
        summary=f"One {kind.noun}",
    )
    async def get_one(id: UUID, caller: Caller = access.staff("view_catalog")) -> Response:
        row = await get_row(database, table, id)
        if row is None:
            raise NotFound(f"There is no such {kind.noun}.")
        return answer(resource.present(row))


def _add_changes(router: APIRouter, resource: Resource, database: Database, commands: Commands) -> None:
    kind = resource.kind

    async def add(body: Any, key: OptionalKey, caller: Caller = access.staff("manage_catalog")) -> Response:
        async def work() -> dict[str, Any]:
            fields = body.model_dump()
            is_active = fields.pop("is_active")
            return resource.present(await commands.execute(AddEntity(kind, fields, caller, is_active, key)))

        return await answered_once(database, key, work, 201)

    async def change(id: UUID, body: Any, caller: Caller = access.staff("manage_catalog")) -> Response:
        row = await commands.execute(ChangeEntity(kind, id, body.model_dump(exclude_unset=True), caller))
        return answer(resource.present(row))

    async def deactivate(id: UUID, caller: Caller = access.staff("manage_catalog")) -> Response:
        row = await commands.execute(ChangeEntity(kind, id, {"is_active": False}, caller))
        return answer(resource.present(row))

    # The framework learns from annotations what a body is; these differ from kind to kind.
    add.__annotations__["body"], change.__annotations__["body"] = resource.fields, resource.changes
    collection, item = f"/{kind.path}/", f"/{kind.path}/{{id}}/"
    name, noun, model = resource.name, kind.noun, resource.answer
    router.post(collection, status_code=201, response_model=model, operation_id=f"add_{name}", summary=f"Add a {noun}")(
        add
    )
    router.put(item, response_model=model, operation_id=f"change_{name}", summary=f"Change a {noun}")(change)
    router.delete(item, response_model=model, operation_id=f"deactivate_{name}", summary=f"Take a {noun} out of use")(
        deactivate
    )
