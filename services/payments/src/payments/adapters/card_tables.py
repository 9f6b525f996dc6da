"""The tables of saved cards and of who our customers are at Stripe."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from payments.adapters.tables import metadata


def _time(name: str, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


stripe_customers = Table(
    "stripe_customers",
    metadata,
    Column("customer_id", UUID, primary_key=True),
    Column("stripe_customer_id", Text, nullable=False, unique=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    _time("created_at", nullable=False),
    _time("forget_at"),
    _time("forgotten_at"),
    Index("stripe_customers_to_forget", "forget_at", postgresql_where=text("forget_at IS NOT NULL")),
)
"""Who a customer is to Stripe. `forget_at` is the next try to have Stripe forget an erased one."""

saved_cards = Table(
    "saved_cards",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("customer_id", UUID, ForeignKey("stripe_customers.customer_id"), nullable=False),
    Column("stripe_payment_method_id", Text, nullable=False, unique=True),
    Column("brand", Text, nullable=False),
    Column("last_four", String(4), nullable=False),
    Column("exp_month", SmallInteger, nullable=False),
    Column("exp_year", SmallInteger, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    _time("created_at", nullable=False),
    _time("removed_at"),
    _time("detach_at"),
    CheckConstraint("exp_month BETWEEN 1 AND 12", name="saved_cards_month"),
    CheckConstraint("NOT (is_default AND removed_at IS NOT NULL)", name="saved_cards_removed_default"),
    Index("saved_cards_one_default", "customer_id", unique=True, postgresql_where=text("is_default")),
    Index("saved_cards_of_customer", "customer_id"),
    Index("saved_cards_to_detach", "detach_at", postgresql_where=text("detach_at IS NOT NULL")),
)
"""Cards that customers keep with Stripe. `detach_at` is the next try to have Stripe let go of a removed one."""

erased_people = Table(
    "erased_people",
    metadata,
    Column("customer_id", UUID, primary_key=True),
    Column("email_sha256", String(64), nullable=False),
    _time("erased_at", nullable=False),
    Index("erased_people_by_email", "email_sha256"),
)
"""Who was forgotten. A trigger blanks them in every copy of their bookings that is written later, from whatever event;
a booking made after the erasure with the same address is of somebody who has come back.
"""
