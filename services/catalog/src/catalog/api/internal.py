"""What other services ask for."""

from fastapi import APIRouter, Response
from shared.contracts.catalog import CatalogSnapshot
from shared.db.engine import Database
from shared.errors import Unavailable
from shared.http import access
from shared.http.answers import answer
from shared.http.identity import Caller

from catalog.adapters.repository import NEWEST_SNAPSHOT


def routes(database: Database) -> APIRouter:
    """For a service that starts with an empty copy of the catalogue."""
    router = APIRouter(prefix="/internal/catalog", tags=["internal"])

    @router.get(
        "/snapshot/",
        response_model=CatalogSnapshot,
        operation_id="get_catalog_snapshot",
        summary="The newest catalogue, as it was published",
    )
    async def snapshot(caller: Caller = access.service("booking")) -> Response:
        row = await database.fetch_one(NEWEST_SNAPSHOT)
        if row is None:
            raise Unavailable("The catalogue is not loaded yet.", retry_after=1)
        return answer(row.snapshot)

    return router
