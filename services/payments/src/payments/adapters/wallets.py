"""Loads and stores saved cards. Whoever changes a customer's cards holds the lock of the customer's row first."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import Row, bindparam, select, text

from payments.adapters.card_tables import saved_cards, stripe_customers
from payments.domain.card import SavedCard
from payments.domain.errors import CardNotFound

CARD_COLUMNS = tuple(saved_cards.c[name] for name in SavedCard.__dataclass_fields__)
CARDS = select(*CARD_COLUMNS).where(saved_cards.c.removed_at.is_(None))
"""Rows that `card_of` turns into cards: those that were not removed."""

_OF_CUSTOMER = CARDS.where(saved_cards.c.customer_id == bindparam("customer_id")).order_by(
    saved_cards.c.is_default.desc(), saved_cards.c.created_at.desc(), saved_cards.c.id.desc()
)
_ONE = CARDS.where(saved_cards.c.customer_id == bindparam("customer_id"), saved_cards.c.id == bindparam("id"))
_STRIPE_CUSTOMER = select(stripe_customers.c.stripe_customer_id).where(
    stripe_customers.c.customer_id == bindparam("customer_id"),
    stripe_customers.c.forget_at.is_(None),
    stripe_customers.c.forgotten_at.is_(None),
)
_LOCK = select(stripe_customers.c.customer_id).where(
    stripe_customers.c.customer_id == bindparam("customer_id"),
    stripe_customers.c.forget_at.is_(None),
    stripe_customers.c.forgotten_at.is_(None),
)
_LOCK_OWNER = text("SELECT pg_advisory_xact_lock(hashtextextended(:customer_id, 0))")


def card_of(row: Row[Any]) -> SavedCard:
    """A row of `CARDS` as a card."""
    return SavedCard(**row._mapping)


async def lock_owner(uow: UnitOfWork, customer_id: UUID) -> None:
    """Locks what is known of the customer, even if nothing is: being made at Stripe and being erased take turns."""
    await uow.execute(_LOCK_OWNER, {"customer_id": str(customer_id)})


async def lock_wallet(uow: UnitOfWork, customer_id: UUID) -> bool:
    """Locks the customer's cards; false if Stripe does not know the customer (any more)."""
    return await uow.scalar(_LOCK.with_for_update(), {"customer_id": customer_id}) is not None


async def cards_in(uow: UnitOfWork, customer_id: UUID) -> list[SavedCard]:
    """The customer's cards, the default first, then the newest."""
    return [card_of(row) for row in await uow.fetch_all(_OF_CUSTOMER, {"customer_id": customer_id})]


async def cards_of(database: Database, customer_id: UUID) -> list[SavedCard]:
    """The customer's cards, the default first, then the newest."""
    return [card_of(row) for row in await database.fetch_all(_OF_CUSTOMER, {"customer_id": customer_id})]


async def one_card(database: Database, customer_id: UUID, card_id: UUID) -> SavedCard:
    """Raises `CardNotFound`, also for somebody else's."""
    row = await database.fetch_one(_ONE, {"customer_id": customer_id, "id": card_id})
    if row is None:
        raise CardNotFound()
    return card_of(row)


async def stripe_customer_of(database: Database, customer_id: UUID) -> str | None:
    """Who the customer is to Stripe; null if Stripe has not heard of this one."""
    row = await database.fetch_one(_STRIPE_CUSTOMER, {"customer_id": customer_id})
    return row.stripe_customer_id if row else None
