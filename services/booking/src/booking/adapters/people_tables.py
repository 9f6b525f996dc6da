"""What booking knows of customers, messages and disputes: copies, which others own."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

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

erasures_owed = Table(
    "erasures_owed",
    metadata,
    Column("booking_id", UUID, ForeignKey("bookings.id"), primary_key=True),
    Column("customer_id", UUID, nullable=False),
    Column("owed_since", _instant, nullable=False),
)
"""Bookings that were still ahead when their customer was erased: the person is taken out once they are over."""

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

Index("payments_captured", payments.c.processed_at, postgresql_where=text("captured_cents > 0"))
Index("refunds_done", refunds.c.processed_at, postgresql_where=text("status = 'succeeded'"))
Index("refunds_failed", refunds.c.created_at, postgresql_where=text("status = 'failed'"))
