"""What staff keep in the catalogue: the same five endpoints for each kind of thing."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Request, Response
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.idempotency import IdempotencyKey, OptionalKey, complete, once
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


def json(content: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(content), status, media_type="application/json")


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
        return json(paged(request, page, [resource.present(row) for row in rows], count))

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
        return json(resource.present(row))


async def added_once(database: Database, key: IdempotencyKey | None, work: Callable[[], Awaitable[Any]]) -> Response:
    """What `work` added; for a key used before, its first answer again."""
    added, before = await once(database, key, work)
    if before is not None:
        replayed = {"Idempotency-Replayed": "true"}
        return Response(orjson.dumps(before.body), before.status, replayed, media_type="application/json")
    answer = json(added, 201)
    await complete(database, key, 201, orjson.loads(answer.body))
    return answer


def _add_changes(router: APIRouter, resource: Resource, database: Database, commands: Commands) -> None:
    kind = resource.kind

    async def add(body: Any, key: OptionalKey, caller: Caller = access.staff("manage_catalog")) -> Response:
        async def work() -> dict[str, Any]:
            fields = body.model_dump()
            is_active = fields.pop("is_active")
            return resource.present(await commands.execute(AddEntity(kind, fields, caller, is_active, key)))

        return await added_once(database, key, work)

    async def change(id: UUID, body: Any, caller: Caller = access.staff("manage_catalog")) -> Response:
        row = await commands.execute(ChangeEntity(kind, id, body.model_dump(exclude_unset=True), caller))
        return json(resource.present(row))

    async def deactivate(id: UUID, caller: Caller = access.staff("manage_catalog")) -> Response:
        row = await commands.execute(ChangeEntity(kind, id, {"is_active": False}, caller))
        return json(resource.present(row))

    # The framework learns from annotations what a body is; these differ from kind to kind.
    add.__annotations__["body"], change.__annotations__["body"] = resource.fields, resource.changes
    collection, item = f"/{kind.path}/", f"/{kind.path}/{{id}}/"
    name, noun, answer = resource.name, kind.noun, resource.answer
    router.post(
        collection, status_code=201, response_model=answer, operation_id=f"add_{name}", summary=f"Add a {noun}"
    )(add)
    router.put(item, response_model=answer, operation_id=f"change_{name}", summary=f"Change a {noun}")(change)
    router.delete(item, response_model=answer, operation_id=f"deactivate_{name}", summary=f"Take a {noun} out of use")(
        deactivate
    )
