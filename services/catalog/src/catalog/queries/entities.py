"""Lists of what is in the catalogue, active or not."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import Select, Table, func, select

from catalog.adapters.repository import plain
from catalog.adapters.tables import service_zones


async def list_rows(
    database: Database, table: Table, page: Page, is_active: bool | None
) -> tuple[list[dict[str, Any]], int]:
    """A page of a table and how many rows there are; zones in their order, all else as it was added."""
    order = table.c.position if table is service_zones else table.c.created_at
    wanted = select(table).order_by(order, table.c.id)
    counted = select(func.count()).select_from(table)
    if is_active is not None:
        wanted, counted = wanted.where(table.c.is_active == is_active), counted.where(table.c.is_active == is_active)
    return await fetch_page(database, wanted, counted, page)


async def fetch_page(
    database: Database, wanted: Select[Any], counted: Select[Any], page: Page
) -> tuple[list[dict[str, Any]], int]:
    """A page of rows and how many there are in all."""
    rows = await database.fetch_all(wanted.limit(page.size).offset(page.offset))
    count = await database.fetch_one(counted)
    return [plain(row) for row in rows], count[0] if count else 0


async def get_row(database: Database, table: Table, entity_id: UUID) -> dict[str, Any] | None:
    """One row, active or not."""
    row = await database.fetch_one(select(table).where(table.c.id == entity_id))
    return plain(row) if row else None
