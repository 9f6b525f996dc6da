"""The tables of payments' database. Amounts are integer cents."""

from shared.money import MAXIMUM_CENTS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from payments.domain.ledger import ACCOUNTS
from payments.domain.payment import OPEN, STATUSES
from payments.domain.refund import REFUND_STATUSES

metadata = MetaData()


def _time(name: str, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _is_one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


LIVE = (
    f"duplicate_of IS NULL AND {_is_one_of('status', tuple(s for s in STATUSES if s not in ('failed', 'cancelled')))}"
)
"""Payments of which a booking has at most one per purpose; a refunded one stays, as its refund may yet fail."""

billable_bookings = Table(
    "billable_bookings",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("booking_number", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("customer_id", UUID),
    Column("email", Text, nullable=False),
    Column("manage_token_sha256", String(64), nullable=False),
    Column("kept_cents", Integer, nullable=False, server_default="0"),
    Column("paid_cents", Integer, nullable=False, server_default="0"),
    Column("adjustments", JSONB, nullable=False, server_default="[]"),
    Column("service_type", Text, nullable=False, server_default=""),
    Column("pickup_date", Date),
    Column("customer_name", Text, nullable=False, server_default=""),
    Column("prices", JSONB, nullable=False, server_default="{}"),
    Column("holds_place", Boolean, nullable=False, server_default="true"),
    _time("expires_at", nullable=True),
    _time("booked_at", nullable=True),
    _time("updated_at"),
    CheckConstraint(f"total_cents BETWEEN 0 AND {MAXIMUM_CENTS}", name="billable_bookings_total"),
    CheckConstraint("kept_cents >= 0", name="billable_bookings_kept"),
    CheckConstraint("paid_cents >= 0", name="billable_bookings_paid"),
    # Booking keeps numbers unique. A second unique key here would fail two first tellings of one booking at an instant.
    Index("billable_bookings_number", "booking_number"),
)

payments = Table(
    "payments",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("booking_id", UUID, ForeignKey("billable_bookings.id"), nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("customer_id", UUID),
    Column("purpose", Text, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", Text, nullable=False),
    Column("failure_reason", Text, nullable=False, server_default=""),
    Column("captured_cents", Integer, nullable=False, server_default="0"),
    Column("refunded_cents", Integer, nullable=False, server_default="0"),
    Column("stripe_payment_intent_id", Text, unique=True),
    Column("stripe_charge_id", Text, nullable=False, server_default=""),
    Column("duplicate_of", UUID, ForeignKey("payments.id")),
    Column("attempt", SmallInteger, nullable=False, server_default="1"),
    _time("leased_until", nullable=True),
    _time("check_at"),
    _time("cancel_at", nullable=True),
    _time("parked_at", nullable=True),
    _time("dismissed_at", nullable=True),
    Column("resolution", Text, nullable=False, server_default=""),
    Column("tax_cents", Integer),
    Column("receipt_id", UUID),
    _time("created_at"),
    _time("processed_at", nullable=True),
    CheckConstraint(_is_one_of("status", STATUSES), name="payments_status"),
    CheckConstraint(f"amount_cents BETWEEN 1 AND {MAXIMUM_CENTS}", name="payments_amount"),
    CheckConstraint(f"captured_cents BETWEEN 0 AND {MAXIMUM_CENTS}", name="payments_captured"),
    CheckConstraint("refunded_cents BETWEEN 0 AND captured_cents", name="payments_refunded"),
    Index("payments_one_live", "booking_id", "purpose", unique=True, postgresql_where=text(LIVE)),
    Index("payments_of_booking", "booking_id"),
    Index("payments_newest", "created_at"),
    Index("payments_open", "check_at", postgresql_where=text(_is_one_of("status", OPEN))),
    Index("payments_to_cancel", "cancel_at", postgresql_where=text("cancel_at IS NOT NULL")),
    Index(
        "payments_without_receipt",
        "processed_at",
        postgresql_where=text("captured_cents > 0 AND receipt_id IS NULL AND duplicate_of IS NULL"),
    ),
    Index("payments_parked", "parked_at", postgresql_where=text("parked_at IS NOT NULL")),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("payment_id", UUID, ForeignKey("payments.id"), nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("request_id", UUID, unique=True),
    Column("stripe_refund_id", Text, unique=True),
    Column("failure_reason", Text, nullable=False, server_default=""),
    Column("attempt", SmallInteger, nullable=False, server_default="1"),
    _time("attempt_at", nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("credit_note_id", UUID),
    Column("reversal_id", UUID),
    Column("tax_cents", Integer),
    _time("next_try_at"),
    _time("created_at"),
    _time("processed_at", nullable=True),
    CheckConstraint(_is_one_of("status", REFUND_STATUSES), name="refunds_status"),
    CheckConstraint(f"amount_cents BETWEEN 1 AND {MAXIMUM_CENTS}", name="refunds_amount"),
    Index("refunds_of_payment", "payment_id"),
    Index("refunds_newest", "created_at"),
    Index(
        "refunds_without_credit_note",
        "processed_at",
        postgresql_where=text("status = 'succeeded' AND credit_note_id IS NULL"),
    ),
    Index(
        "refunds_without_reversal",
        "processed_at",
        postgresql_where=text("status = 'failed' AND credit_note_id IS NOT NULL AND reversal_id IS NULL"),
    ),
    Index("refunds_pending", "next_try_at", postgresql_where=text("status = 'pending'")),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fact", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("payment_id", UUID, ForeignKey("payments.id")),
    _time("booked_at"),
    UniqueConstraint("fact", "account", name="ledger_entries_once"),
    CheckConstraint(_is_one_of("account", ACCOUNTS), name="ledger_entries_account"),
    CheckConstraint("amount_cents <> 0", name="ledger_entries_amount"),
    Index("ledger_entries_of_payment", "payment_id"),
    Index("ledger_entries_newest", "booked_at"),
)

payment_audit = Table(
    "payment_audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("payment_id", UUID, ForeignKey("payments.id")),
    Column("action_type", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    _time("created_at"),
    Index("payment_audit_of_payment", "payment_id"),
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("name", Text, primary_key=True),
    Column("movements", Integer, nullable=False),
    Column("differences", Integer, nullable=False),
    _time("compared_at"),
)
"""What the last comparison of each name has found: `movements` for the proof of the money, `webhooks` for its alert."""

stripe_events = Table(
    "stripe_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    _time("received_at"),
    _time("next_try_at"),
    _time("settled_at", nullable=True),
    Column("delivered_at", DateTime(timezone=True), server_default=text("now()")),
    CheckConstraint("state IN ('waiting', 'applied', 'ignored', 'parked')", name="stripe_events_state"),
    Index("stripe_events_waiting", "next_try_at", postgresql_where=text("state = 'waiting'")),
    Index("stripe_events_parked", "received_at", postgresql_where=text("state = 'parked'")),
    Index("stripe_events_settled", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
)
