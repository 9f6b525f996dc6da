"""A small service: one command whose effect is a row, and one route for each way to fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import UUID

import orjson
import pytest
from fastapi import APIRouter, Depends, Query, Response
from opentelemetry import trace
from pydantic import Field
from shared.db.engine import driver_url
from shared.db.migrations import migrate
from shared.db.unit_of_work import UnitOfWork
from shared.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Locked,
    NotFound,
    Refusal,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from shared.http import access
from shared.http.fields import Body, Email, Name, Phone, Text, WholeNumber
from shared.http.idempotency import IdempotencyKey, OptionalKey, StoredAnswer, claim, complete, once, remember_refusal
from shared.http.identity import Caller
from shared.http.paging import Page, wanted_page
from shared.http.problems import problem, status_of
from shared.ids import new_id
from shared.service import Parts, Platform, Service
from shared.settings import ServiceSettings
from shared.testing.service import RunningService, running
from sqlalchemy import create_engine, text

KINDS: dict[str, Callable[[], Exception]] = {
    "invalid": lambda: Invalid({"date": ["Is in the past."]}),
    "unauthenticated": Unauthenticated,
    "forbidden": lambda: Forbidden(permission="refunds"),
    "not_found": NotFound,
    "conflict": lambda: Conflict(allowed=["paid"]),
    "locked": lambda: Locked(60),
    "limited": lambda: TooManyRequests(7),
    "unavailable": Unavailable,
    "refused": Refusal,
    "bug": lambda: RuntimeError("the password is hunter2"),
}


class Order(Body):
    """A body with every kind of field."""

    name: Name
    email: Email | None = None
    phone: Phone | None = None
    note: Annotated[Text, Field(max_length=5000)] = ""
    count: Annotated[WholeNumber, Field(ge=1, le=1000)] = 1
    weight: float = 0
    lines: list[WholeNumber] = []
    anything: Any = None


@dataclass(frozen=True)
class Place:
    """The use case: one row."""

    id: UUID
    name: str
    key: IdempotencyKey | None


async def place(command: Place, uow: UnitOfWork) -> UUID:
    order_id = await claim(uow, command.key, command.id)
    if order_id == command.id:
        await uow.execute(
            text("INSERT INTO orders (id, name) VALUES (:id, :name)"), {"id": order_id, "name": command.name}
        )
    if command.name == "refused":
        raise Conflict("Nobody is called that.")
    return order_id


def routes(platform: Platform[Any], commands: Any) -> APIRouter:
    router = APIRouter()
    database = platform.database

    def answer(order_id: UUID, before: StoredAnswer | None) -> Response:
        headers = {"Idempotency-Replayed": "true"} if before else {}
        return Response(orjson.dumps({"id": order_id}), 201, headers, "application/json")

    @router.post("/api/orders/")
    async def create(body: Order, key: OptionalKey, caller: Caller = access.anyone()) -> Response:
        try:
            made, before = await once(database, key, lambda: commands.execute(Place(new_id(), body.name, key)))
        except Conflict as refusal:
            if refusal.code == "conflict":
                document = orjson.loads(problem(status_of(refusal), refusal.code, refusal.message))
                await remember_refusal(database, key, status_of(refusal), document)
            raise
        if before is not None and before.status != 201:
            return Response(orjson.dumps(before.body), before.status, {"Idempotency-Replayed": "true"})
        if before is None:
            await complete(database, key, 201, {})
        order_id = before.resource_id if before else made
        assert order_id is not None
        return answer(order_id, before)

    @router.post("/api/office/{id}/orders/")
    async def create_in_office(
        id: UUID,
        body: Order,
        key: OptionalKey,
        page: Page = Depends(wanted_page),
        caller: Caller = access.staff("manage_orders"),
    ) -> dict[str, str]:
        return {"ok": "yes"}

    @router.get("/api/fail/{kind}/")
    async def fail(kind: str, caller: Caller = access.anyone()) -> None:
        raise KINDS[kind]()

    @router.get("/api/number/")
    async def number(value: Annotated[int, Query()], caller: Caller = access.anyone()) -> dict[str, Any]:
        row = await database.fetch_one(text("SELECT CAST(:value AS integer)"), {"value": value})
        return {"value": row[0] if row else None}

    @router.get("/internal/trace/")
    async def internal(caller: Caller = access.service("booking")) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"trace_id": format(trace.get_current_span().get_span_context().trace_id, "032x")}

    @router.get("/api/trace/")
    async def traced(caller: Caller = access.anyone()) -> dict[str, str]:
        return {"trace_id": format(trace.get_current_span().get_span_context().trace_id, "032x")}

    return router


def compose(platform: Platform[ServiceSettings]) -> Parts:
    commands = platform.commands({Place: place})
    return Parts(commands, [routes(platform, commands)])


def _create_schema(url: str) -> None:
    with TemporaryDirectory() as no_migrations:
        migrate(url, Path(no_migrations))
    with create_engine(driver_url(url)).begin() as connection:
        connection.execute(text("CREATE TABLE orders (id uuid PRIMARY KEY, name text NOT NULL)"))


@pytest.fixture
async def service(database_factory: Callable[..., str], tmp_path: Path) -> AsyncIterator[RunningService]:
    probe = Service("orders", "Orders", ServiceSettings, compose, tmp_path)

    def create(name: str, _: object) -> str:
        return database_factory(name, _create_schema)

    async with running(probe, create) as service:
        yield service
