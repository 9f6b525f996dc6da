"""The tables of the machinery, the same in every service's database."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

shared_metadata = MetaData()

_now = text("now()")

outbox = Table(
    "outbox",
    shared_metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID, nullable=False, unique=True),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", UUID, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("trace_context", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("last_error", Text),
    Column("parked_at", DateTime(timezone=True)),
    Index("outbox_version", "aggregate_type", "aggregate_id", "aggregate_version", "ordinal", unique=True),
    Index("outbox_waiting", "id", postgresql_where=text("published_at IS NULL AND parked_at IS NULL")),
    Index("outbox_blocking", "aggregate_type", "aggregate_id", "id", postgresql_where=text("published_at IS NULL")),
    Index("outbox_published", "published_at", postgresql_where=text("published_at IS NOT NULL")),
)

inbox = Table(
    "inbox",
    shared_metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", UUID, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Index("inbox_age", "received_at"),
)

parked_messages = Table(
    "parked_messages",
    shared_metadata,
    Column("id", UUID, primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolution", Text),
    Index("parked_messages_open", "first_seen_at", postgresql_where=text("resolved_at IS NULL")),
)

idempotency_keys = Table(
    "idempotency_keys",
    shared_metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("resource_id", UUID),
    Column("response_status", Integer),
    Column("response_body", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True), nullable=False),
    Index("idempotency_keys_age", "created_at"),
)

heartbeats = Table(
    "heartbeats",
    shared_metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("every_seconds", Integer, nullable=False),
    Column("last_started_at", DateTime(timezone=True)),
    Column("last_success_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("last_error_at", DateTime(timezone=True)),
    Column("expected_since", DateTime(timezone=True), nullable=False, server_default=_now),
)
