"""The tables of the day's work: crews, vans, what crews report, files, ratings."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from booking.adapters.tables import metadata

LARGEST_FILE = 15_000_000
"""Bytes."""

crews = Table(
    "crews",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("members", JSONB, nullable=False),
    Column("phone", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
Index("crews_name", func.lower(crews.c.name), unique=True)

vans = Table(
    "vans",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("plate", Text, nullable=False),
    Column("capacity", Integer),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("capacity BETWEEN 1 AND 10000", name="vans_capacity"),
)
Index("vans_name", func.lower(vans.c.name), unique=True)
Index("vans_plate", func.lower(vans.c.plate), unique=True)

stop_reports = Table(
    "stop_reports",
    metadata,
    Column("booking_id", UUID, ForeignKey("bookings.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("crew_id", UUID, ForeignKey("crews.id"), nullable=False),
    Column("note", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("step IN ('on_the_way', 'picked_up', 'delivered')", name="stop_reports_step"),
)
"""What a crew told from the road; a step is told once, whatever is sent again."""

documents = Table(
    "documents",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("booking_id", UUID, ForeignKey("bookings.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("storage_key", Text, nullable=False, unique=True),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("visible_to_customer", Boolean, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_by_id", UUID),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('coi', 'invoice', 'photo', 'signature', 'other')", name="documents_kind"),
    CheckConstraint("uploaded_by IN ('staff', 'crew', 'system')", name="documents_uploaded_by"),
    CheckConstraint(f"size_bytes BETWEEN 1 AND {LARGEST_FILE}", name="documents_size"),
    Index("documents_same_file", "booking_id", "kind", "sha256", unique=True),
)

file_removals = Table(
    "file_removals",
    metadata,
    Column("storage_key", Text, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Files to delete from the store at `due_at`: those that nobody wants any more, and those that are just put there.

The second kind is taken off the list by the transaction that adds the document, so no crash leaves a file behind.
"""

ratings = Table(
    "ratings",
    metadata,
    Column("booking_id", UUID, ForeignKey("bookings.id"), primary_key=True),
    Column("rating", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("rated_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("rating BETWEEN 1 AND 5", name="ratings_rating"),
    CheckConstraint("rated_by IN ('customer', 'guest')", name="ratings_rated_by"),
    Index("ratings_newest", text("created_at DESC")),
)
