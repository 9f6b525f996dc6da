"""The tables of numbered documents. What was issued is never changed; where its file has got to is kept beside it."""

from sqlalchemy import (
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
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from payments.adapters.tables import metadata

receipt_counters = Table(
    "receipt_counters",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False),
)
"""The last number of each series. Its row is locked until the document with the number is committed: no gaps."""

receipts = Table(
    "receipts",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("payment_id", UUID, ForeignKey("payments.id")),
    Column("refund_id", UUID, ForeignKey("refunds.id")),
    Column("amount_cents", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('receipt', 'invoice', 'credit_note', 'credit_note_reversal')", name="receipts_kind"),
    CheckConstraint(
        "(kind IN ('credit_note', 'credit_note_reversal')) = (refund_id IS NOT NULL)", name="receipts_refund"
    ),
    UniqueConstraint("refund_id", "kind", name="receipts_one_of_refund"),
    Index("receipts_one_receipt", "payment_id", unique=True, postgresql_where=text("kind = 'receipt'")),
    Index("receipts_of_booking", "booking_id"),
)

receipt_files = Table(
    "receipt_files",
    metadata,
    Column("id", UUID, ForeignKey("receipts.id"), primary_key=True),
    Column("sha256", String(64), nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", DateTime(timezone=True)),
    Column("stored_at", DateTime(timezone=True)),
    Index("receipt_files_to_store", "next_try_at", postgresql_where=text("stored_at IS NULL")),
)
