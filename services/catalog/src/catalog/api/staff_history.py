"""What the catalogue was before, for staff."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from shared.clock import day_begins, day_ends
from shared.contracts.catalog import CatalogSnapshot
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer
from shared.http.fields import Day, Text
from shared.http.identity import Caller
from shared.http.paging import paged

from catalog.api.entities import page_of
from catalog.api.staff_entities import WantedPage
from catalog.queries.history import HistoryFilter, get_snapshot, list_changes

LARGEST_VERSION = 2**31 - 1


class ChangeAnswer(BaseModel):
    """One change. `before` is null for what is new; discount codes belong to no catalogue version."""

    id: UUID
    catalog_version: int | None
    entity_type: str
    entity_id: UUID | None
    action: str
    description: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed_by: UUID | None
    changed_at: datetime


def routes(database: Database, zone: ZoneInfo) -> APIRouter:
    """The router; `zone` is the business time zone, which days in filters are of."""
    router = APIRouter(prefix="/api/staff/catalog/history", tags=["Staff: catalogue"])
    _add_changes(router, database, zone)
    _add_versions(router, database)
    return router


def _add_changes(router: APIRouter, database: Database, zone: ZoneInfo) -> None:
    @router.get(
        "/",
        response_model=page_of(ChangeAnswer, "CatalogChange"),
        operation_id="list_catalog_changes",
        summary="Who changed what in the catalogue, and when",
    )
    async def changes(
        request: Request,
        page: WantedPage,
        entity_type: Annotated[Text | None, Query(max_length=50, examples=["packages"])] = None,
        entity_id: UUID | None = None,
        catalog_version: Annotated[int | None, Query(ge=1, le=LARGEST_VERSION)] = None,
        since: Annotated[Day | None, Query(alias="from")] = None,
        until: Annotated[Day | None, Query(alias="to")] = None,
        caller: Caller = access.staff("view_catalog"),
    ) -> Response:
        """Changes, newest first; `from` and `to` are business days, both included."""
        wanted = HistoryFilter(
            entity_type,
            entity_id,
            catalog_version,
            day_begins(since, zone) if since else None,
            day_ends(until, zone) if until else None,
        )
        rows, count = await list_changes(database, page, wanted)
        return answer(paged(request, page, rows, count))


def _add_versions(router: APIRouter, database: Database) -> None:
    @router.get(
        "/{version}/",
        response_model=CatalogSnapshot,
        operation_id="get_catalog_version",
        summary="The whole catalogue as it was at a version",
    )
    async def snapshot(version: int, caller: Caller = access.staff("view_catalog")) -> Response:
        found = await get_snapshot(database, version) if 1 <= version <= LARGEST_VERSION else None
        if found is None:
            raise NotFound("There is no such version of the catalogue.")
        return answer(found)
