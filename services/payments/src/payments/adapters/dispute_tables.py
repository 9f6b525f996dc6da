"""The table of disputes."""

from shared.money import MAXIMUM_CENTS
from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from payments.adapters.tables import metadata

disputes = Table(
    "disputes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("payment_id", UUID, ForeignKey("payments.id"), nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("stripe_dispute_id", Text, nullable=False, unique=True),
    Column("stripe_status", Text, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    CheckConstraint("status IN ('open', 'won', 'lost')", name="disputes_status"),
    CheckConstraint(f"amount_cents BETWEEN 1 AND {MAXIMUM_CENTS}", name="disputes_amount"),
    CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="disputes_closed"),
    Index("disputes_of_payment", "payment_id"),
)
