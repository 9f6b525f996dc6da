"""keep people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e554a41f16a9"
down_revision = "cfe6fc366ae5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("(handled_at IS NULL) = (handled_by IS NULL)", name="handled_whole"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_messages_age", "contact_messages", ["received_at", "id"], unique=False)
    op.create_index("contact_messages_email", "contact_messages", ["email"], unique=False)
    op.create_index(
        "contact_messages_open",
        "contact_messages",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "erasure_reports",
        sa.Column("erasure_id", sa.UUID(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("erased", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "service"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email_sha256", sa.String(length=64), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('customer', 'staff', 'guest')", name="kind_known"),
        sa.CheckConstraint("requested_by IN ('customer', 'staff', 'operator')", name="requester_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("erasures_email", "erasures", ["email_sha256"], unique=False)
    op.create_table(
        "payment_facts",
        sa.Column("payment_id", sa.UUID(), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("captured_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("captured_cents BETWEEN 0 AND 99999999", name="captured_cents_in_range"),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    op.create_index("payment_facts_booking", "payment_facts", ["booking_id"], unique=False)
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_notes_customer", "customer_notes", ["customer_id", "written_at"], unique=False)
    op.add_column("accounts", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "accounts",
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "\nto_tsvector('simple'::regconfig,\n  translate(lower(first_name || ' ' || last_name || ' ' || email), '.,@+-_' || chr(39), '       ') || ' ' ||\n  translate(phone, '+', '') || ' ' || right(phone, 10) || ' ' || right(phone, 7) || ' ' || right(phone, 4))\n",
                persisted=True,
            ),
            nullable=True,
        ),
    )
    op.drop_index(op.f("accounts_email_prefix"), table_name="accounts", postgresql_ops={"email": "text_pattern_ops"})
    op.drop_index(
        op.f("accounts_first_name_prefix"),
        table_name="accounts",
        postgresql_ops={"lower(first_name::text)": "text_pattern_ops"},
    )
    op.drop_index(
        op.f("accounts_last_name_prefix"),
        table_name="accounts",
        postgresql_ops={"lower(last_name::text)": "text_pattern_ops"},
    )
    op.drop_index(op.f("accounts_phone_prefix"), table_name="accounts", postgresql_ops={"phone": "text_pattern_ops"})
    op.create_index("accounts_search", "accounts", ["search"], unique=False, postgresql_using="gin")
    op.add_column("booking_facts", sa.Column("contact_name", sa.Text(), server_default="", nullable=False))
    op.add_column("booking_facts", sa.Column("contact_phone", sa.Text(), server_default="", nullable=False))
    op.add_column("booking_facts", sa.Column("pickup_time", sa.Text(), server_default="morning", nullable=False))
    op.drop_index(op.f("booking_facts_number"), table_name="booking_facts")
    op.create_index(
        "booking_facts_paid",
        "booking_facts",
        ["paid_at"],
        unique=False,
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )
    op.create_index(
        "booking_facts_prefix",
        "booking_facts",
        ["booking_number"],
        unique=False,
        postgresql_ops={"booking_number": "text_pattern_ops"},
    )
    op.add_column("customers", sa.Column("vip_by_hand", sa.Boolean(), server_default="false", nullable=False))
    op.execute(
        """
        INSERT INTO payment_facts (payment_id, booking_id, purpose, captured_cents, paid_at)
        SELECT DISTINCT ON (payment_id) payment_id, booking_id, 'booking', paid_cents, paid_at
        FROM booking_facts WHERE payment_id IS NOT NULL
        """
    )


def downgrade() -> None:
    op.drop_column("customers", "vip_by_hand")
    op.drop_index(
        "booking_facts_prefix", table_name="booking_facts", postgresql_ops={"booking_number": "text_pattern_ops"}
    )
    op.drop_index("booking_facts_paid", table_name="booking_facts", postgresql_where=sa.text("paid_at IS NOT NULL"))
    op.create_index(op.f("booking_facts_number"), "booking_facts", ["booking_number"], unique=False)
    op.drop_column("booking_facts", "pickup_time")
    op.drop_column("booking_facts", "contact_phone")
    op.drop_column("booking_facts", "contact_name")
    op.drop_index("accounts_search", table_name="accounts", postgresql_using="gin")
    op.create_index(
        op.f("accounts_phone_prefix"), "accounts", ["phone"], unique=False, postgresql_ops={"phone": "text_pattern_ops"}
    )
    op.create_index(
        op.f("accounts_last_name_prefix"),
        "accounts",
        [sa.literal_column("lower(last_name::text)")],
        unique=False,
        postgresql_ops={"lower(last_name::text)": "text_pattern_ops"},
    )
    op.create_index(
        op.f("accounts_first_name_prefix"),
        "accounts",
        [sa.literal_column("lower(first_name::text)")],
        unique=False,
        postgresql_ops={"lower(first_name::text)": "text_pattern_ops"},
    )
    op.create_index(
        op.f("accounts_email_prefix"), "accounts", ["email"], unique=False, postgresql_ops={"email": "text_pattern_ops"}
    )
    op.drop_column("accounts", "search")
    op.drop_column("accounts", "erased_at")
    op.drop_index("customer_notes_customer", table_name="customer_notes")
    op.drop_table("customer_notes")
    op.drop_index("payment_facts_booking", table_name="payment_facts")
    op.drop_table("payment_facts")
    op.drop_index("erasures_email", table_name="erasures")
    op.drop_table("erasures")
    op.drop_table("erasure_reports")
    op.drop_index(
        "contact_messages_open", table_name="contact_messages", postgresql_where=sa.text("handled_at IS NULL")
    )
    op.drop_index("contact_messages_email", table_name="contact_messages")
    op.drop_index("contact_messages_age", table_name="contact_messages")
    op.drop_table("contact_messages")
