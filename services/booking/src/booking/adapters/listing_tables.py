"""What lists of bookings are narrowed by, beside what the bookings themselves hold."""

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR, UUID

from booking.adapters.tables import metadata

listings = Table(
    "booking_listings",
    metadata,
    Column("booking_id", UUID, ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True),
    Column("words", TSVECTOR, nullable=False),
    Column("payment_status", Text, nullable=False),
    Column("payment_id", UUID),
    Column("payment_captured", Boolean, nullable=False, server_default=text("false")),
    Column("payment_created_at", DateTime(timezone=True)),
    CheckConstraint(
        "payment_status IN ('not_required', 'pending', 'processing', 'succeeded', 'failed', 'refunded',"
        " 'partially_refunded', 'cancelled')",
        name="booking_listings_payment_status",
    ),
    Index("booking_listings_words", "words", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 256}),
    Index("booking_listings_payment", "payment_status", "booking_id"),
)
"""A narrow row per booking, so that a step of a booking does not write the index of words anew.

The payment is the one that paid the booking, else the newest try. The index keeps few words waiting to be sorted in
(256 kB), because every search reads through those.
"""
