"""Reads of saved addresses, the most recently used first."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from sqlalchemy import Row, Select, bindparam, func, select, true

from customers.adapters.tables import address_uses, saved_addresses

_USES = (
    select(func.count().label("times_used"), func.max(address_uses.c.used_at).label("last_used_at"))
    .where(address_uses.c.address_id == saved_addresses.c.id)
    .lateral("uses")
)

ADDRESSES: Select[Any] = (
    select(saved_addresses, *_USES.c)
    .join(_USES, true())
    .where(saved_addresses.c.customer_id == bindparam("customer_id"), saved_addresses.c.is_active)
    .order_by(_USES.c.last_used_at.desc().nulls_last(), saved_addresses.c.created_at.desc())
)


async def addresses_of(database: Database, customer_id: UUID) -> list[Row[Any]]:
    """A customer's saved addresses with how often and when last they were used."""
    return await database.fetch_all(ADDRESSES, {"customer_id": customer_id})
