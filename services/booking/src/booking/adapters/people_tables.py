"""What booking knows of customers, messages and disputes: copies, which others own, and what staff promised."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from booking.adapters.tables import metadata, payments, refunds

_instant = DateTime(timezone=True)

customers = Table(
    "customers",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("email", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email_verified", Boolean, nullable=False),
)
"""Copies of customers, so that staff can book for one. Of an erased one a blank row of the highest version stays."""

disputes = Table(
    "disputes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("payment_id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", _instant, nullable=False),
    Column("closed_at", _instant),
    Index("disputes_of_booking", "booking_id"),
    Index("disputes_open", "opened_at", postgresql_where=text("status = 'open'")),
)
"""Copies of disputes."""

messages = Table(
    "messages",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("booking_id", UUID),
    Column("sent_at", _instant),
    Column("failure_reason", Text, nullable=False),
    Column("told_at", _instant, nullable=False),
    Index("messages_of_booking", "booking_id", "told_at", postgresql_where=text("booking_id IS NOT NULL")),
    Index("messages_failed", "told_at", postgresql_where=text("status = 'failed'")),
)
"""Copies of messages that were sent, or can not be; `told_at` is when this service heard of it."""

staff_quotes = Table(
    "staff_quotes",
    metadata,
    Column("booking_id", UUID, ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True),
    Column("staff_id", UUID, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("list_price_cents", Integer, nullable=False),
    Column("total_price_cents", Integer, nullable=False),
    Column("override_reason", Text, nullable=False),
    Column("breakdown", JSONB, nullable=False),
    Column("quoted_at", _instant, nullable=False),
    CheckConstraint("list_price_cents BETWEEN 0 AND 99999999", name="staff_quotes_list_price"),
    CheckConstraint("total_price_cents BETWEEN 0 AND 99999999", name="staff_quotes_total"),
    CheckConstraint("list_price_cents = total_price_cents OR override_reason <> ''", name="staff_quotes_reason"),
)
"""What staff quoted on the phone: the price by the catalogue, and the one that was agreed on if it is another."""

Index("payments_captured", payments.c.processed_at, postgresql_where=text("captured_cents > 0"))
Index("refunds_done", refunds.c.processed_at, postgresql_where=text("status = 'succeeded'"))
Index("refunds_failed", refunds.c.created_at, postgresql_where=text("status = 'failed'"))
