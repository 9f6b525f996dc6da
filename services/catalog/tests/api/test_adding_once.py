"""What staff add is added once, however often the request comes: a surcharge that is there twice is charged twice."""

import asyncio
from typing import Any

import pytest
from catalog.adapters.tables import discount_codes, surcharge_rules
from httpx import Response
from shared.db.tables import idempotency_keys
from shared.testing.service import RunningService, a_staff_member
from sqlalchemy import Table, func, null, select, update

SAM = a_staff_member("view_catalog", "manage_catalog")
KEY = "christmas-of-2027"
CHRISTMAS: dict[str, Any] = {
    "surcharge_type": "holiday",
    "name": "Christmas",
    "calculation_type": "percentage",
    "percentage": 12.5,
    "specific_date": "2027-12-25",
}
WELCOME: dict[str, Any] = {"code": "welcome10", "discount_type": "percentage", "value": 10}
EACH = pytest.mark.parametrize(
    ("path", "body", "table"),
    [("surcharges", CHRISTMAS, surcharge_rules), ("discount-codes", WELCOME, discount_codes)],
)


async def add(service: RunningService, path: str, body: dict[str, Any]) -> Response:
    async with service.as_caller(SAM) as client:
        return await client.post(f"/api/staff/catalog/{path}/", json=body, headers={"Idempotency-Key": KEY})


async def rows(service: RunningService, table: Table) -> int:
    row = await service.database.fetch_one(select(func.count()).select_from(table))
    assert row is not None
    return int(row[0])


@EACH
async def test_the_same_key_adds_once_and_is_answered_alike(
    service: RunningService, path: str, body: dict[str, Any], table: Table
) -> None:
    before = await rows(service, table)
    first, *others = await asyncio.gather(*(add(service, path, body) for _ in range(5)))
    assert await rows(service, table) == before + 1
    assert [answer.status_code for answer in (first, *others)] == [201] * 5
    assert [answer.json() for answer in others] == [first.json()] * 4
    assert (await add(service, path, body)).headers["Idempotency-Replayed"] == "true"


@EACH
async def test_an_answer_that_was_lost_is_made_up_for(
    service: RunningService, path: str, body: dict[str, Any], table: Table
) -> None:
    before, first = await rows(service, table), await add(service, path, body)
    async with service.database.transaction() as connection:
        lost = {"response_status": null(), "response_body": null(), "leased_until": idempotency_keys.c.created_at}
        await connection.execute(update(idempotency_keys).values(lost))
    again = await add(service, path, body)
    assert (again.status_code, again.json()) == (201, first.json())
    assert await rows(service, table) == before + 1


async def test_a_key_belongs_to_one_body(service: RunningService) -> None:
    await add(service, "surcharges", CHRISTMAS)
    answer = await add(service, "surcharges", CHRISTMAS | {"percentage": 15})
    assert (answer.status_code, answer.json()["error_code"]) == (422, "idempotency_key_reused")
