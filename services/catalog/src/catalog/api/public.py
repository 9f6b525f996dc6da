"""What everybody may read."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from shared.errors import NotFound
from shared.http import access
from shared.http.identity import Caller
from shared.money import dollars

from catalog.api.documents import Document, DocumentRoute
from catalog.api.schemas import OrganizingAnswer, PackagesAnswer, ServiceAreaAnswer, ServicesAnswer
from catalog.current import CurrentCatalog
from catalog.domain.service_area import service_area

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The client's copy still holds."}}


def documents(catalog: CurrentCatalog) -> APIRouter:
    """The two answers that every visitor asks for, rendered beforehand."""
    router = APIRouter(
        prefix="/api/bookings/services", tags=["Catalogue"], route_class=DocumentRoute, responses=NOT_MODIFIED
    )

    @router.get("/", response_model=ServicesAnswer, operation_id="list_services", summary="All that is sold")
    def services(caller: Caller = access.anyone()) -> Document:
        return catalog.documents.services

    @router.get(
        "/mini-moves-with-organizing/",
        response_model=PackagesAnswer,
        operation_id="list_packages_with_organizing",
        summary="Mini moves and what can be added to each",
    )
    def packages(caller: Caller = access.anyone()) -> Document:
        return catalog.documents.packages

    return router


def lookups(catalog: CurrentCatalog) -> APIRouter:
    """The answers that depend on what is asked."""
    router = APIRouter(prefix="/api/bookings", tags=["Catalogue"], responses=NOT_MODIFIED)

    @router.get(
        "/services/organizing/{id}/",
        response_model=OrganizingAnswer,
        operation_id="get_organizing_service",
        summary="One organizing service",
    )
    async def organizing(request: Request, id: UUID, caller: Caller = access.anyone()) -> Response:
        document = catalog.documents.organizing.get(id)
        if document is None:
            raise NotFound("There is no such organizing service.")
        return document.answer(request)

    @router.get(
        "/service-area/",
        response_model=ServiceAreaAnswer,
        operation_id="check_service_area",
        summary="Whether we drive to an address, and its surcharge",
    )
    async def area(
        request: Request,
        zip: Annotated[str, Query(max_length=20, examples=["11937"])],
        state: Annotated[str | None, Query(max_length=20, examples=["NY"])] = None,
        caller: Caller = access.anyone(),
    ) -> Response:
        found = service_area(zip, state, catalog.documents.catalog)
        amount = found.surcharge_cents
        answer = {
            "serviceable": found.serviceable,
            "zone": found.zone,
            "surcharge_cents": amount,
            "surcharge_dollars": None if amount is None else dollars(amount),
        }
        return Document(answer).answer(request)

    return router
