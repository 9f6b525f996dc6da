"""Discount codes and their terms."""

from datetime import datetime
from typing import Protocol

from shared.db.engine import Database
from sqlalchemy import bindparam, or_, select

from booking.adapters.tables import discount_codes
from booking.domain.discounts import Discount

_FIND = select(discount_codes).where(
    discount_codes.c.code == bindparam("wanted"),
    discount_codes.c.valid_from <= bindparam("now"),
    or_(discount_codes.c.valid_until.is_(None), discount_codes.c.valid_until > bindparam("now")),
)


class DiscountCodes(Protocol):
    """Where the terms of a code are found."""

    async def find(self, code: str, now: datetime) -> Discount | None:
        """The terms of a code (upper case) that can be used at `now`; nothing for any other."""
        ...


class DiscountCodeTable:
    """The codes that this service knows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, code: str, now: datetime) -> Discount | None:
        """The terms of a code (upper case) that can be used at `now`; nothing for any other."""
        row = await self._database.fetch_one(_FIND, {"wanted": code, "now": now})
        if row is None:
            return None
        return Discount(
            code=row.code,
            discount_type=row.discount_type,
            value=row.value,
            minimum_order_cents=row.minimum_order_cents,
            maximum_discount_cents=row.maximum_discount_cents,
            allowed_service_types=tuple(row.allowed_service_types),
        )
