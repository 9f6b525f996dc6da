"""The tables of notifications: messages with their deliveries, and copies of whom and what they are about."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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
    Column("status", Text, nullable=False, server_default=""),
    Column("customer_id", UUID),
    Column("email_sha256", Text, nullable=False, server_default=""),
    Column("pickup_date", Date),
    Column("window_start", DateTime(timezone=True)),
    Column("booked_at", DateTime(timezone=True)),
    Column("upcoming_since", DateTime(timezone=True)),
    Index("bookings_upcoming", "pickup_date", postgresql_where=text("status IN ('paid', 'confirmed')")),
    Index("bookings_unpaid", "booked_at", postgresql_where=text("status = 'pending'")),
    Index("bookings_customer", "customer_id"),
    Index("bookings_email", "email_sha256"),
    Index("bookings_number", text("(state ->> 'booking_number')")),
)
"""Copies of bookings: `state` is all of it and personal data, the other columns are what they are found by.
`upcoming_since`: since when the customer knows of the move in this window; when staff confirm it, since its booking."""

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

staff = Table(
    "staff",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("email", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
)
"""Copies of staff accounts: critical alerts go to those who may do everything."""

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
    Column("useful_until", DateTime(timezone=True)),
    Column("resend_of", UUID),
    UniqueConstraint("kind", "cause", "channel"),
    CheckConstraint("channel IN ('email', 'sms')", name="channel"),
    CheckConstraint("status IN ('pending', 'sending', 'sent', 'failed', 'dropped')", name="status"),
    CheckConstraint("(due_at IS NOT NULL) = (status IN ('pending', 'sending'))", name="due"),
    CheckConstraint("(sent_at IS NOT NULL) = (status = 'sent')", name="sent"),
    Index("messages_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("messages_booking", "booking_id"),
    Index("messages_recipient", "recipient"),
    Index("messages_resent", "resend_of", postgresql_where=text("resend_of IS NOT NULL")),
    Index("messages_failed", "id", postgresql_where=text("status = 'failed'")),
)
"""`cause` is what the message is about, once for each kind. `due_at` is the next attempt, or the end of the lease of
the process that is sending it. `dropped`: what it told was no longer so, or the customer wanted no such message.
`recipient` and `facts` are personal data."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("message_id", UUID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("provider_id", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(
        "status IN ('handed_over', 'delivered', 'postponed', 'refused', 'bounced', 'complained')", name="status"
    ),
    Index("deliveries_provider", "provider_id", postgresql_where=text("provider_id <> ''")),
)
"""What became of each attempt to send a message. An attempt without a row was broken off by the end of its process."""

receipts = Table(
    "receipts",
    metadata,
    Column("payment_id", UUID, primary_key=True),
    Column("booking_id", UUID, nullable=False),
    Column("receipt_id", UUID),
    Column("number", Text, nullable=False, server_default=""),
    Column("storage_key", Text, nullable=False, server_default=""),
    Column("amount_cents", BigInteger, nullable=False, server_default="0"),
)
"""Receipts by their payment; without a storage key it is only waited for."""

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("address_sha256", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("blocks", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("channel", "address_sha256"),
    CheckConstraint("channel IN ('email', 'sms')", name="channel"),
    CheckConstraint("reason IN ('bounce', 'complaint', 'stop', 'unsubscribe', 'staff')", name="reason"),
    CheckConstraint("blocks IN ('all', 'optional')", name="blocks"),
)
"""Addresses that nothing, or nothing optional, is sent to. `address` is personal data and empty once erased; the hash
of the lower-case address stays, since sending to it again would harm all other mail."""

templates = Table(
    "templates",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("parts", JSONB, nullable=False),
    Column("changed_by", UUID, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""Staff's versions of templates; the newest one counts. `parts`: part → source; ours are used for what it lacks."""

feedback = Table(
    "feedback",
    metadata,
    Column("id", Text, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Index("feedback_age", "received_at"),
)
"""Ids of the provider's notifications that were handled."""

erased = Table(
    "erased",
    metadata,
    Column("customer_id", UUID, primary_key=True),
    Column("email_sha256", Text, nullable=False),
    Column("erased_at", DateTime(timezone=True), nullable=False),
    Index("erased_email", "email_sha256"),
)
"""Customers who are forgotten: what is told of them later is not kept."""
