"""Discount codes for staff."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from shared.commands import Commands
from shared.contracts.base import ServiceType
from shared.db.engine import Database
from shared.errors import NotFound
from shared.http import access
from shared.http.answers import answer, answered_once
from shared.http.fields import Text
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller
from shared.http.paging import paged

from catalog.api.bodies import DiscountCodeFields
from catalog.api.entities import in_dollars, page_of
from catalog.api.partial import partial
from catalog.api.schemas import Dollars
from catalog.api.staff_entities import WantedPage
from catalog.commands.change_discount_code import AddDiscountCode, ChangeDiscountCode
from catalog.queries.discount_codes import get_code, list_codes

PATH = "/api/staff/catalog/discount-codes"
ITEM = "/{id}/"


class DiscountCodeAnswer(BaseModel):
    """A discount code as staff see it. `value` is per cent, or cents for a fixed discount; `times_used` counts bookings
    that hold it now."""

    id: UUID
    version: int
    code: str
    discount_type: str
    value: Dollars
    max_uses: int | None
    max_uses_per_customer: int
    valid_from: datetime
    valid_until: datetime | None
    minimum_order_cents: int
    minimum_order_dollars: Dollars
    maximum_discount_cents: int | None
    maximum_discount_dollars: Dollars | None
    allowed_service_types: list[ServiceType]
    times_used: int
    discounted_cents: int
    discounted_dollars: Dollars
    is_active: bool
    created_at: datetime
    updated_at: datetime


DiscountCodeChange = partial(DiscountCodeFields, "DiscountCodeChange", DiscountCodeAnswer)


def routes(database: Database, commands: Commands) -> APIRouter:
    """The router."""
    router = APIRouter(prefix=PATH, tags=["Staff: catalogue"])
    _add_reads(router, database)
    _add_changes(router, database, commands)
    return router


def _add_reads(router: APIRouter, database: Database) -> None:
    @router.get(
        "/",
        response_model=page_of(DiscountCodeAnswer, "DiscountCode"),
        operation_id="list_discount_codes",
        summary="All discount codes",
    )
    async def list_all(
        request: Request,
        page: WantedPage,
        is_active: bool | None = None,
        code: Annotated[Text | None, Query(max_length=40)] = None,
        caller: Caller = access.staff("view_catalog"),
    ) -> Response:
        rows, count = await list_codes(database, page, is_active, code)
        return answer(paged(request, page, [_present(row) for row in rows], count))

    @router.get(ITEM, response_model=DiscountCodeAnswer, operation_id="get_discount_code", summary="One discount code")
    async def get_one(id: UUID, caller: Caller = access.staff("view_catalog")) -> Response:
        return answer(await _one(database, id))


def _add_changes(router: APIRouter, database: Database, commands: Commands) -> None:
    async def changed(code_id: UUID, changes: dict[str, Any], caller: Caller) -> Response:
        await commands.execute(ChangeDiscountCode(code_id, changes, caller))
        return answer(await _one(database, code_id))

    @router.post(
        "/",
        status_code=201,
        response_model=DiscountCodeAnswer,
        operation_id="add_discount_code",
        summary="Make a discount code",
    )
    async def add(
        body: DiscountCodeFields, key: OptionalKey, caller: Caller = access.staff("manage_catalog")
    ) -> Response:
        async def work() -> dict[str, Any]:
            return await _one(database, await commands.execute(AddDiscountCode(body.model_dump(), caller, key)))

        return await answered_once(database, key, work, 201)

    async def change(id: UUID, body: Any, caller: Caller = access.staff("manage_catalog")) -> Response:
        return await changed(id, body.model_dump(exclude_unset=True), caller)

    change.__annotations__["body"] = DiscountCodeChange
    model = DiscountCodeAnswer
    router.put(ITEM, response_model=model, operation_id="change_discount_code", summary="Change a discount code")(
        change
    )

    @router.delete(
        ITEM, response_model=model, operation_id="deactivate_discount_code", summary="Take a code out of use"
    )
    async def deactivate(id: UUID, caller: Caller = access.staff("manage_catalog")) -> Response:
        return await changed(id, {"is_active": False}, caller)


async def _one(database: Database, code_id: UUID) -> dict[str, Any]:
    row = await get_code(database, code_id)
    if row is None:
        raise NotFound("There is no such discount code.")
    return _present(row)


def _present(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    return in_dollars(row) | {"value": int(value) if value == value.to_integral_value() else float(value)}
