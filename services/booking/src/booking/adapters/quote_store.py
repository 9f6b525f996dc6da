"""Kept prices in the database."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, insert, select

from booking.adapters.sales_tables import quotes
from booking.domain.quote_records import QuoteRecord

_ADD = insert(quotes)
LAST_QUOTE = (
    select(quotes)
    .where(quotes.c.booking_id == bindparam("booking"))
    .order_by(quotes.c.created_at.desc(), quotes.c.id.desc())
    .limit(1)
)
_BY_ID = select(quotes).where(quotes.c.id == bindparam("wanted"))
_TOTALS = select(quotes.c.total_cents).where(quotes.c.booking_id == bindparam("booking")).distinct()


def add_quote(uow: UnitOfWork, quote_id: UUID, booking_id: UUID, quote: QuoteRecord) -> None:
    """Keeps the price that a booking was made or changed at."""
    uow.send(_ADD, {"id": quote_id, "booking_id": booking_id, **asdict(quote), "created_at": uow.now})


async def last_quote(uow: UnitOfWork, booking_id: UUID) -> Row[Any] | None:
    """The price that the booking has now; nothing for bookings from before prices were kept."""
    return await uow.fetch_one(LAST_QUOTE, {"booking": booking_id})


async def quote_by_id(uow: UnitOfWork, quote_id: UUID) -> Row[Any] | None:
    """One kept price."""
    return await uow.fetch_one(_BY_ID, {"wanted": quote_id})


async def quoted_totals(uow: UnitOfWork, booking_id: UUID) -> set[int]:
    """Every total in cents that the booking has had."""
    return {row.total_cents for row in await uow.fetch_all(_TOTALS, {"booking": booking_id})}
