"""Tables about what happened with people: payments, notes, messages to the office, erasures."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, String, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from customers.adapters.tables import cents_in_range, metadata

_instant = DateTime(timezone=True)

payment_facts = Table(
    "payment_facts",
    metadata,
    Column("payment_id", UUID, primary_key=True),
    Column("booking_id", UUID, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("captured_cents", BigInteger, nullable=False),
    Column("paid_at", _instant, nullable=False),
    cents_in_range("captured_cents"),
    Index("payment_facts_booking", "booking_id"),
)
"""One row per payment that was captured: that of the booking itself, and those of later adjustments."""

customer_notes = Table(
    "customer_notes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("customer_id", UUID, ForeignKey("customers.id"), nullable=False),
    Column("staff_id", UUID, nullable=False),
    Column("note", Text, nullable=False),
    Column("written_at", _instant, nullable=False),
    Index("customer_notes_customer", "customer_id", "written_at"),
)
"""What staff noted about a customer. Notes are added, never changed; they go when the customer is erased."""

contact_messages = Table(
    "contact_messages",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("customer_id", UUID),
    Column("name", Text, nullable=False),
    Column("email", String(254), nullable=False),
    Column("phone", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("handled_at", _instant),
    Column("handled_by", UUID),
    CheckConstraint("(handled_at IS NULL) = (handled_by IS NULL)", name="handled_whole"),
    Index("contact_messages_age", "received_at", "id"),
    Index("contact_messages_open", "received_at", postgresql_where=text("handled_at IS NULL")),
    Index("contact_messages_email", "email"),
)
"""What people wrote to the office."""

erasures = Table(
    "erasures",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("email_sha256", String(64), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("staff_id", UUID),
    Column("erased_at", _instant, nullable=False),
    CheckConstraint("kind IN ('customer', 'staff', 'guest')", name="kind_known"),
    CheckConstraint("requested_by IN ('customer', 'staff', 'operator')", name="requester_known"),
    Index("erasures_email", "email_sha256"),
)
"""Who is to stay forgotten: the account's id, or a new one for a guest. Later news of them are kept without them."""

erasure_reports = Table(
    "erasure_reports",
    metadata,
    Column("erasure_id", UUID, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("erased", JSONB, nullable=False),
    Column("kept", JSONB, nullable=False),
    Column("reported_at", _instant, nullable=False),
)
"""What each service did to forget a person: rows per table, and what stays with the reason."""
