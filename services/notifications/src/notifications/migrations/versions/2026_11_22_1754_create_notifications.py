"""create notifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5b75e6fe46f2"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email_notifications", sa.Boolean(), nullable=False),
        sa.Column("sms_notifications", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trace_context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(due_at IS NOT NULL) = (status IN ('pending', 'sending'))", name=op.f("messages_due")),
        sa.CheckConstraint("(sent_at IS NOT NULL) = (status = 'sent')", name=op.f("messages_sent")),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("messages_channel")),
        sa.CheckConstraint("status IN ('pending', 'sending', 'sent', 'failed')", name=op.f("messages_status")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "cause", "channel", name=op.f("messages_kind_cause_channel_key")),
    )
    op.create_index("messages_booking", "messages", ["booking_id"], unique=False)
    op.create_index(
        "messages_due", "messages", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("messages_failed", "messages", ["id"], unique=False, postgresql_where=sa.text("status = 'failed'"))
    op.create_index("messages_recipient", "messages", ["recipient"], unique=False)


def downgrade() -> None:
    op.drop_index("messages_recipient", table_name="messages")
    op.drop_index("messages_failed", table_name="messages", postgresql_where=sa.text("status = 'failed'"))
    op.drop_index("messages_due", table_name="messages", postgresql_where=sa.text("due_at IS NOT NULL"))
    op.drop_index("messages_booking", table_name="messages")
    op.drop_table("messages")
    op.drop_table("customers")
    op.drop_table("bookings")
