"""Discount codes with how often they were used."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.http.paging import Page
from sqlalchemy import func, select

from catalog.adapters.repository import plain
from catalog.adapters.tables import discount_codes, redemptions
from catalog.queries.entities import fetch_page

_USES = (
    select(
        func.count().label("times_used"),
        func.coalesce(func.sum(redemptions.c.amount_cents), 0).label("discounted_cents"),
    )
    .where(redemptions.c.code_id == discount_codes.c.id, ~redemptions.c.released)
    .lateral()
)
_CODES = select(discount_codes, _USES.c.times_used, _USES.c.discounted_cents).select_from(
    discount_codes.join(_USES, discount_codes.c.id.is_not(None))
)


async def list_codes(
    database: Database, page: Page, is_active: bool | None, code: str | None
) -> tuple[list[dict[str, Any]], int]:
    """A page of codes, the newest first, and how many there are; `code` is the whole code in any case."""
    wanted, counted = _CODES, select(func.count()).select_from(discount_codes)
    if is_active is not None:
        only = discount_codes.c.is_active == is_active
        wanted, counted = wanted.where(only), counted.where(only)
    if code is not None:
        named = discount_codes.c.code == code.strip().upper()
        wanted, counted = wanted.where(named), counted.where(named)
    newest = wanted.order_by(discount_codes.c.created_at.desc(), discount_codes.c.id.desc())
    return await fetch_page(database, newest, counted, page)


async def get_code(database: Database, code_id: UUID) -> dict[str, Any] | None:
    """One code."""
    row = await database.fetch_one(_CODES.where(discount_codes.c.id == code_id))
    return plain(row) if row else None
