"""Tables of what lets people in beside their password: links, logins that wait, second factors."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from customers.adapters.tables import metadata

_instant = DateTime(timezone=True)

second_factors = Table(
    "second_factors",
    metadata,
    Column("staff_id", UUID, ForeignKey("staff.id"), primary_key=True),
    Column("secret_sealed", Text),
    Column("new_secret_sealed", Text),
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    Column("confirmed_at", _instant),
    CheckConstraint("(secret_sealed IS NULL) = (confirmed_at IS NULL)", name="confirmed_whole"),
)
"""The secret in use, and one that its owner has not proved yet to have. `last_step` is the 30 seconds whose code was
used last: no code counts twice."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("staff_id", UUID, ForeignKey("staff.id"), primary_key=True),
    Column("code_sha256", String(64), primary_key=True),
)
"""Those that are left; a used one is gone."""

account_tokens = Table(
    "account_tokens",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("account_id", UUID, ForeignKey("accounts.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("access_version", BigInteger, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("earlier_sha256", ARRAY(Text), nullable=False, server_default="{}"),
    Column("earlier_expires_at", ARRAY(_instant), nullable=False, server_default="{}"),
    CheckConstraint("purpose IN ('verify_email', 'reset_password', 'invitation', 'login')", name="purpose_known"),
    Index("account_tokens_newest", "account_id", "purpose", unique=True, postgresql_where=text("purpose <> 'login'")),
    Index("account_tokens_account", "account_id"),
    Index("account_tokens_age", "expires_at"),
    Index("account_tokens_earlier", "earlier_sha256", postgresql_using="gin"),
)
"""Tokens of links, one row per account and purpose, and of logins that wait for their second factor.

Used ones are gone. Beside the newest link a row holds the earlier ones of the last hour, each good until its own end.
"""

reset_requests = Table(
    "reset_requests",
    metadata,
    Column("account_kind", Text, primary_key=True),
    Column("email", String(254), primary_key=True),
    Column("requested_at", _instant, nullable=False),
    CheckConstraint("account_kind IN ('customer', 'staff')", name="kind_known"),
)
"""Addresses, known or not, that a new password was asked for; the worker takes them out and answers by e-mail."""
