"""The tables of the customers service."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR, UUID

metadata = MetaData()

MOST_CENTS = 99_999_999
_instant = DateTime(timezone=True)


SEARCHED = """
to_tsvector('simple'::regconfig,
  translate(lower(first_name || ' ' || last_name || ' ' || email), '.,@+-_' || chr(39), '       ') || ' ' ||
  translate(phone, '+', '') || ' ' || right(phone, 10) || ' ' || right(phone, 7) || ' ' || right(phone, 4))
"""
"""What the office searches for: names, the parts of the e-mail address, and the phone from each of its groups on."""


def cents_in_range(column: str) -> CheckConstraint:
    """No amount is negative, and none is larger than any booking can cost."""
    return CheckConstraint(f"{column} BETWEEN 0 AND {MOST_CENTS}", name=f"{column}_in_range")


accounts = Table(
    "accounts",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("email", String(254), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("first_name", String(100), nullable=False),
    Column("last_name", String(100), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("access_version", BigInteger, nullable=False, server_default="1"),
    Column("created_at", _instant, nullable=False),
    Column("updated_at", _instant, nullable=False),
    Column("erased_at", _instant),
    Column("search", TSVECTOR, Computed(SEARCHED, persisted=True)),
    CheckConstraint("kind IN ('customer', 'staff')", name="kind_known"),
    CheckConstraint("email = lower(email)", name="email_normalized"),
    Index("accounts_email", "email", unique=True),
    Index("accounts_age", "kind", "created_at", "id"),
    Index("accounts_search", "search", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)
"""Customers and staff together, so that one address can be either but never both.

`access_version` grows when what an account may do or how it logs in changes; sessions opened at a lower one end.
Of an erased account only the row is left: no name, no address anybody could log in with.
"""

customers = Table(
    "customers",
    metadata,
    Column("id", UUID, ForeignKey("accounts.id"), primary_key=True),
    Column("preferred_pickup_time", Text, nullable=False, server_default="morning"),
    Column("email_notifications", Boolean, nullable=False, server_default="true"),
    Column("sms_notifications", Boolean, nullable=False, server_default="false"),
    Column("email_verified_at", _instant),
    Column("vip_by_hand", Boolean, nullable=False, server_default="false"),
    CheckConstraint(
        "preferred_pickup_time IN ('morning', 'morning_specific', 'no_time_preference')", name="pickup_time_known"
    ),
)

staff = Table(
    "staff",
    metadata,
    Column("id", UUID, ForeignKey("accounts.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("employee_id", String(20), unique=True),
    Column("hire_date", Date, nullable=False),
    Column("permissions", JSONB, nullable=False, server_default="{}"),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("is_invited", Boolean, nullable=False, server_default="false"),
    CheckConstraint("role IN ('viewer', 'operator', 'manager', 'admin')", name="role_known"),
)
"""`permissions` holds the exceptions from the role: {name: true} grants, {name: false} denies. Whoever `is_invited` has
not chosen a password yet."""

login_failures = Table(
    "login_failures",
    metadata,
    Column("login_key", String(64), primary_key=True),
    Column("failures", ARRAY(_instant), nullable=False),
    Column("locked_until", _instant),
    Column("last_failure_at", _instant, nullable=False),
    Index("login_failures_age", "last_failure_at"),
)

session_endings = Table(
    "session_endings",
    metadata,
    Column("account_id", UUID, primary_key=True),
    Column("access_version", BigInteger, nullable=False, server_default="1"),
    Column("requested_at", _instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
)
"""Accounts whose sessions of a lower access version the gateway still has to end. Done rows are gone."""

session_refreshes = Table(
    "session_refreshes",
    metadata,
    Column("account_id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("requested_at", _instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
)
"""Accounts whose sessions still say what was true before `version`. Done rows are gone."""

known_guests = Table(
    "known_guests",
    metadata,
    Column("account_id", UUID, primary_key=True),
    Column("booked_at", _instant, nullable=False),
)
"""Customers with whose confirmed address a guest has booked, which booking is still to be told. Done rows are gone."""

booking_facts = Table(
    "booking_facts",
    metadata,
    Column("booking_id", UUID, primary_key=True),
    Column("booking_number", String(30), nullable=False),
    Column("customer_id", UUID),
    Column("contact_email", String(254), nullable=False),
    Column("contact_name", Text, nullable=False, server_default=""),
    Column("contact_phone", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False),
    Column("service_type", Text, nullable=False),
    Column("pickup_date", Date, nullable=False),
    Column("pickup_time", Text, nullable=False, server_default="morning"),
    Column("total_cents", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _instant, nullable=False),
    Column("payment_id", UUID),
    Column("paid_cents", BigInteger),
    Column("paid_at", _instant),
    CheckConstraint(
        "status IN ('pending', 'confirmed', 'paid', 'in_progress', 'completed', 'cancelled', 'expired')",
        name="status_known",
    ),
    CheckConstraint("(paid_at IS NULL) = (paid_cents IS NULL)", name="paid_whole"),
    cents_in_range("total_cents"),
    cents_in_range("paid_cents"),
    Index("booking_facts_customer", "customer_id", "created_at"),
    Index("booking_facts_guest", "contact_email", postgresql_where=text("customer_id IS NULL")),
    Index("booking_facts_prefix", "booking_number", postgresql_ops={"booking_number": "text_pattern_ops"}),
    Index("booking_facts_paid", "paid_at", postgresql_where=text("paid_at IS NOT NULL")),
)
"""One row per booking, the newest version that was told. The payment comes from the one event that tells of it."""

refund_facts = Table(
    "refund_facts",
    metadata,
    Column("refund_id", UUID, primary_key=True),
    Column("booking_id", UUID, nullable=False),
    Column("payment_id", UUID, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("refunded_at", _instant, nullable=False),
    cents_in_range("amount_cents"),
    Index("refund_facts_booking", "booking_id"),
)
"""One row per refund that has succeeded or failed; nothing went back by one that failed, be it after a success."""

saved_addresses = Table(
    "saved_addresses",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("customer_id", UUID, ForeignKey("customers.id"), nullable=False),
    Column("nickname", String(50), nullable=False),
    Column("address_line_1", String(200), nullable=False),
    Column("address_line_2", String(200), nullable=False, server_default=""),
    Column("city", String(100), nullable=False),
    Column("state", String(2), nullable=False),
    Column("zip_code", String(10), nullable=False),
    Column("delivery_instructions", Text, nullable=False, server_default=""),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("created_at", _instant, nullable=False),
    Column("updated_at", _instant, nullable=False),
    CheckConstraint("state IN ('NY', 'CT', 'NJ')", name="state_served"),
    Index(
        "saved_addresses_nickname",
        "customer_id",
        text("lower(nickname)"),
        unique=True,
        postgresql_where=text("is_active"),
    ),
)
"""Removed ones stay as inactive rows, because bookings have used them."""

address_uses = Table(
    "address_uses",
    metadata,
    Column("address_id", UUID, ForeignKey("saved_addresses.id"), primary_key=True),
    Column("booking_id", UUID, primary_key=True),
    Column("used_at", _instant, nullable=False),
)
"""One row per booking that used a saved address; how often it was used is their number."""

staff_audit = Table(
    "staff_audit",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("staff_id", UUID, nullable=False),
    Column("action_type", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("customer_id", UUID),
    Column("booking_id", UUID),
    Column("ip_address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("happened_at", _instant, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Index("staff_audit_age", "happened_at"),
    Index("staff_audit_staff", "staff_id", "happened_at"),
    Index("staff_audit_action", "action_type", "happened_at"),
    Index("staff_audit_customer", "customer_id", "happened_at", postgresql_where=text("customer_id IS NOT NULL")),
    Index("staff_audit_booking", "booking_id", "happened_at", postgresql_where=text("booking_id IS NOT NULL")),
)
"""Append-only: a trigger refuses every change of a row, whoever asks."""
