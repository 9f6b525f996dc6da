"""Discount codes and their terms, as copies of the catalogue's."""

from datetime import datetime
from typing import Any, Protocol

from shared.contracts.catalog import DiscountCodeState
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Text, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from booking.adapters.redemptions import USABLE, USES_OF
from booking.adapters.sales_tables import discount_codes
from booking.domain.discounts import Discount

_NAMES = tuple(DiscountCodeState.model_fields)
_FIND = select(discount_codes).where(
    *USABLE,
    or_(bindparam("redeemers", type_=ARRAY(Text)).is_(None), discount_codes.c.max_uses_per_customer > USES_OF),
)
_KEEP = insert(discount_codes).values({name: bindparam(f"new_{name}") for name in _NAMES})
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _KEEP.excluded[name] for name in _NAMES if name != "id"},
    where=_KEEP.excluded.version > discount_codes.c.version,
)


class DiscountCodes(Protocol):
    """Where the terms of a code are found."""

    async def find(self, code: str, redeemers: list[str] | None, now: datetime) -> Discount | None:
        """The terms of a code (upper case) that `redeemers` can use at `now`; nothing for any other."""
        ...


class DiscountCodeTable:
    """The codes that this service knows. Looking one up counts nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, code: str, redeemers: list[str] | None, now: datetime) -> Discount | None:
        """The terms of a code (upper case) with a use left; `redeemers` null asks for anybody's."""
        row = await self._database.fetch_one(_FIND, {"wanted": code, "redeemers": redeemers, "now": now})
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


async def copy_discount_code(uow: UnitOfWork, code: DiscountCodeState) -> None:
    """Keeps the code if it is newer than the copy; how often it is used is not the catalogue's to say."""
    values: dict[str, Any] = {f"new_{name}": getattr(code, name) for name in _NAMES}
    values["new_allowed_service_types"] = list(code.allowed_service_types)
    await uow.execute(_KEEP, values)
