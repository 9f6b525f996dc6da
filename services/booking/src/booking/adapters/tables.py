"""The tables of booking."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData()

_MOST_CENTS = 99_999_999


def _instant(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **options)


def _one_of(name: str, column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def _cents(name: str, column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN 0 AND {_MOST_CENTS}", name=name)


bookings = Table(
    "bookings",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("booking_number", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("customer_id", UUID),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("service_type", Text, nullable=False),
    Column("package_type", Text),
    Column("item_count", Integer),
    Column("item_description", Text, nullable=False),
    Column("specialty_items", JSONB, nullable=False),
    Column("include_packing", Boolean, nullable=False),
    Column("include_unpacking", Boolean, nullable=False),
    Column("is_same_day", Boolean, nullable=False),
    Column("coi_required", Boolean, nullable=False),
    Column("is_outside_core_area", Boolean, nullable=False),
    Column("pickup_date", Date, nullable=False),
    Column("pickup_time", Text, nullable=False),
    Column("specific_pickup_hour", SmallInteger),
    _instant("window_start", nullable=False),
    _instant("window_end", nullable=False),
    Column("pickup_address", JSONB, nullable=False),
    Column("delivery_address", JSONB, nullable=False),
    Column("special_instructions", Text, nullable=False),
    Column("internal_notes", Text, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("total_price_cents", Integer, nullable=False),
    Column("prices", JSONB, nullable=False),
    Column("price_detail", JSONB, nullable=False),
    Column("discount_code", Text),
    Column("manage_token_sha256", Text, nullable=False),
    Column("manage_token_sealed", Text, nullable=False),
    Column("saved_address_ids", JSONB, nullable=False),
    Column("status_history", JSONB, nullable=False),
    _instant("created_at", nullable=False),
    _instant("updated_at", nullable=False),
    Column("paid_cents", Integer, nullable=False),
    Column("paid_payment_id", UUID, unique=True),
    _instant("paid_at"),
    _instant("expires_at"),
    Column("crew_id", UUID, ForeignKey("crews.id")),
    Column("crew_name", Text, nullable=False, server_default=""),
    Column("van_id", UUID, ForeignKey("vans.id")),
    Column("van_name", Text, nullable=False, server_default=""),
    Column("stop_sequence", Integer, nullable=False, server_default="0"),
    Column("holds_place", Boolean, nullable=False, server_default=text("false")),
    _instant("hold_expires_at"),
    Column("adjustments", JSONB, nullable=False, server_default=text("'[]'")),
    Column("returned_cents", Integer, nullable=False, server_default="0"),
    Column("refund_cap_percent", SmallInteger, nullable=False, server_default="100"),
    _one_of(
        "bookings_status", "status", "pending", "confirmed", "paid", "in_progress", "completed", "cancelled", "expired"
    ),
    _one_of("bookings_service_type", "service_type", "mini_move", "standard_delivery", "specialty_item"),
    _one_of("bookings_pickup_time", "pickup_time", "morning", "morning_specific", "no_time_preference"),
    _cents("bookings_total", "total_price_cents"),
    _cents("bookings_paid", "paid_cents"),
    CheckConstraint("total_price_cents NOT BETWEEN 1 AND 49", name="bookings_total_chargeable"),
    CheckConstraint("paid_cents = 0 OR paid_at IS NOT NULL", name="bookings_paid_at"),
    CheckConstraint(
        "status NOT IN ('paid', 'in_progress', 'completed') OR paid_at IS NOT NULL", name="bookings_paid_before_begun"
    ),
    CheckConstraint("window_start < window_end", name="bookings_window"),
    CheckConstraint("returned_cents BETWEEN 0 AND paid_cents", name="bookings_returned"),
    CheckConstraint("refund_cap_percent BETWEEN 0 AND 100", name="bookings_refund_cap"),
    CheckConstraint("status NOT IN ('cancelled', 'expired') OR NOT holds_place", name="bookings_over_hold_nothing"),
    Index(
        "bookings_of_customer",
        "customer_id",
        text("created_at DESC"),
        postgresql_where=text("customer_id IS NOT NULL"),
    ),
    Index("bookings_unpaid", "expires_at", postgresql_where=text("status = 'pending'")),
    Index("bookings_held", "hold_expires_at", postgresql_where=text("status = 'pending' AND holds_place")),
    Index("bookings_by_status", "status", "created_at", "id"),
    Index("bookings_by_age", "created_at", "id"),
    Index("bookings_by_change", "updated_at"),
    Index(
        "bookings_by_pickup",
        "pickup_date",
        "service_type",
        "status",
        "id",
        postgresql_include=["total_price_cents", "paid_cents"],
    ),
    Index("bookings_by_total", "total_price_cents", "id"),
    Index("bookings_owing_a_change", "id", postgresql_where=text("""adjustments @> '[{"status": "open"}]'""")),
    Index("bookings_of_guest", "email", postgresql_where=text("customer_id IS NULL")),
    Index("bookings_of_crew", "crew_id", "pickup_date", postgresql_where=text("crew_id IS NOT NULL")),
    Index("bookings_of_van", "van_id", "pickup_date", postgresql_where=text("van_id IS NOT NULL")),
)
"""A booking with all of its parts in one row: whoever reads a booking needs most of it, and each is read alone."""

booking_counters = Table(
    "booking_counters",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

catalog_versions = Table(
    "catalog_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("snapshot", JSONB, nullable=False),
    _instant("received_at", nullable=False, server_default=text("now()")),
)

payments = Table(
    "payments",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("booking_id", UUID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("captured_cents", Integer, nullable=False),
    Column("refunded_cents", Integer, nullable=False),
    Column("failure_reason", Text, nullable=False),
    Column("stripe_payment_intent_id", Text, nullable=False),
    _instant("created_at", nullable=False),
    _instant("processed_at"),
    Index("payments_of_booking", "booking_id", text("created_at DESC")),
)
"""Copies of payments, as payments tells of them. No foreign key: an event may come before its booking is restored."""

refunds = Table(
    "refunds",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("payment_id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("request_id", UUID),
    Column("failure_reason", Text, nullable=False),
    _instant("created_at", nullable=False),
    _instant("processed_at"),
    Index("refunds_of_booking", "booking_id"),
)
"""Copies of refunds."""

refund_requests = Table(
    "refund_requests",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("booking_id", UUID, ForeignKey("bookings.id"), nullable=False, index=True),
    Column("payment_id", UUID, nullable=False),
    Column("amount_cents", Integer),
    Column("reason", Text, nullable=False),
    _instant("created_at", nullable=False),
)
"""What booking wanted back from payments; the id is derived from the cause, so that one cause asks once."""

alerts = Table(
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("booking_id", UUID),
    Column("last_alert_id", UUID, nullable=False),
    _instant("first_raised_at", nullable=False),
    _instant("last_raised_at", nullable=False),
    _instant("cleared_at"),
    Column("cleared_by", UUID),
    _one_of("alerts_severity", "severity", "warning", "critical"),
    Index("alerts_newest", text("last_raised_at DESC")),
    Index("alerts_last", "last_alert_id"),
)
