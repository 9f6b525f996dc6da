"""The tables about what can be sold: places of a day, prices as they were quoted, discount codes, pauses."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from booking.adapters.tables import metadata

capacity_days = Table(
    "capacity_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("service_type", Text, primary_key=True),
    Column("used", Integer, nullable=False),
    CheckConstraint(
        "service_type IN ('mini_move', 'standard_delivery', 'specialty_item')", name="capacity_days_service_type"
    ),
    CheckConstraint("used >= 0", name="capacity_days_used"),
)
"""How many bookings hold a place on a day; as many as there are bookings of that day and type with `holds_place`."""

quotes = Table(
    "quotes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("booking_id", UUID, ForeignKey("bookings.id")),
    Column("occasion", Text, nullable=False),
    Column("move", JSONB, nullable=False),
    Column("discount", JSONB),
    Column("catalog_version", Integer, nullable=False),
    Column("prices", JSONB, nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("override_cents", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("outcome", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("occasion IN ('booked', 'rescheduled')", name="quotes_occasion"),
    CheckConstraint("total_cents BETWEEN 0 AND 99999999", name="quotes_total"),
    Index("quotes_of_booking", "booking_id", "created_at"),
)
"""The prices that bookings were made or changed at, with all that they were computed from.

`outcome` keeps what a reschedule did, so that a repeated request can be answered as the first one.
"""

discount_codes = Table(
    "discount_codes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("discount_type", Text, nullable=False),
    Column("value", Numeric(12, 2), nullable=False),
    Column("max_uses", Integer),
    Column("max_uses_per_customer", Integer, nullable=False, server_default="1"),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_until", DateTime(timezone=True)),
    Column("minimum_order_cents", Integer, nullable=False, server_default="0"),
    Column("maximum_discount_cents", Integer),
    Column("allowed_service_types", JSONB, nullable=False, server_default=text("'[]'")),
    Column("uses", Integer, nullable=False, server_default="0"),
    CheckConstraint("discount_type IN ('percentage', 'fixed')", name="discount_codes_type"),
    CheckConstraint("code = upper(code)", name="discount_codes_upper"),
    CheckConstraint("uses >= 0", name="discount_codes_uses"),
)
"""Copies of the catalogue's codes; `uses` is our own: the redemptions that are not released."""

discount_redemptions = Table(
    "discount_redemptions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("code_id", UUID, ForeignKey("discount_codes.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("booking_id", UUID, ForeignKey("bookings.id"), nullable=False, unique=True),
    Column("customer_id", UUID),
    Column("redeemer", Text, nullable=False),
    Column("email_sha256", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("amount_cents", Integer, nullable=False),
    Column("redeemed_at", DateTime(timezone=True), nullable=False),
    Column("released_at", DateTime(timezone=True)),
    CheckConstraint("amount_cents BETWEEN 0 AND 99999999", name="discount_redemptions_amount"),
    Index("discount_redemptions_in_force", "code_id", "redeemer", postgresql_where=text("released_at IS NULL")),
    Index("discount_redemptions_by_address", "code_id", "email_sha256", postgresql_where=text("released_at IS NULL")),
)
"""Uses of codes. `redeemer` is a customer's id, or a guest's hashed address; `email_sha256` everybody's hashed address.

Uses that share one of them are counted together, so that nobody gets more by booking with and without an account.
"""

pauses = Table(
    "pauses",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("paused_by", UUID, nullable=False),
    Column("paused_at", DateTime(timezone=True), nullable=False),
)
"""What can't be booked online at the moment: `all`, a service type, or a date."""
