"""Crews and vans, listed."""

from typing import Any

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import Row, Table, func, select

from booking.adapters.logistics_tables import crews, vans
from booking.commands.keep_fleet import FleetKind

_TABLES: dict[FleetKind, Table] = {"crew": crews, "van": vans}
_OF_CREW = ("id", "name", "members", "phone", "is_active", "created_at", "updated_at")
_OF_VAN = ("id", "name", "plate", "capacity", "is_active", "created_at", "updated_at")


async def fleet_page(
    database: Database, kind: FleetKind, is_active: bool | None, page: Page
) -> tuple[list[Row[Any]], int]:
    """(one page of crews or vans by name, how many there are in all)."""
    table = _TABLES[kind]
    wanted = [] if is_active is None else [table.c.is_active.is_(is_active)]
    listing = select(table).where(*wanted).order_by(func.lower(table.c.name)).limit(page.size).offset(page.offset)
    counted = await database.fetch_one(select(func.count()).select_from(table).where(*wanted))
    return await database.fetch_all(listing), counted[0] if counted else 0


def resource_document(kind: FleetKind, row: Row[Any]) -> dict[str, Any]:
    """A crew or van as answers show it."""
    return {name: getattr(row, name) for name in (_OF_CREW if kind == "crew" else _OF_VAN)}
