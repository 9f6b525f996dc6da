"""The tables of notifications: messages, and copies of whom and what they are about."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

NAMES = {"ck": "%(table_name)s_%(constraint_name)s", "uq": "%(table_name)s_%(column_0_N_name)s_key"}

metadata = MetaData(naming_convention=NAMES)

bookings = Table(
    "bookings",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", JSONB, nullable=False),
)
"""Copies of bookings. Personal data."""

customers = Table(
    "customers",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("email", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email_notifications", Boolean, nullable=False),
    Column("sms_notifications", Boolean, nullable=False),
)
"""Copies of customers and what they want to be sent. Personal data."""

messages = Table(
    "messages",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("booking_id", UUID),
    Column("customer_id", UUID),
    Column("facts", JSONB, nullable=False),
    Column("trace_context", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Column("failure_reason", Text, nullable=False, server_default=""),
    UniqueConstraint("kind", "cause", "channel"),
    CheckConstraint("channel IN ('email', 'sms')", name="channel"),
    CheckConstraint("status IN ('pending', 'sending', 'sent', 'failed')", name="status"),
    CheckConstraint("(due_at IS NOT NULL) = (status IN ('pending', 'sending'))", name="due"),
    CheckConstraint("(sent_at IS NOT NULL) = (status = 'sent')", name="sent"),
    Index("messages_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("messages_booking", "booking_id"),
    Index("messages_recipient", "recipient"),
    Index("messages_failed", "id", postgresql_where=text("status = 'failed'")),
)
"""`cause` is what the message is about, once for each kind. `due_at` is the next attempt, or the end of the lease of
the process that is sending it. `recipient` is personal data."""
