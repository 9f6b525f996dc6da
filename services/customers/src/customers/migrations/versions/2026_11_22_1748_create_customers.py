"""create customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "9009cd0a7e85"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('customer', 'staff')", name="kind_known"),
        sa.CheckConstraint("email = lower(email)", name="email_normalized"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("accounts_age", "accounts", ["kind", "created_at", "id"], unique=False)
    op.create_index("accounts_email", "accounts", ["email"], unique=True)
    op.create_index(
        "accounts_email_prefix",
        "accounts",
        [sa.literal_column("email").label("indexed")],
        unique=False,
        postgresql_ops={"indexed": "text_pattern_ops"},
    )
    op.create_index(
        "accounts_first_name_prefix",
        "accounts",
        [sa.literal_column("lower(first_name)").label("indexed")],
        unique=False,
        postgresql_ops={"indexed": "text_pattern_ops"},
    )
    op.create_index(
        "accounts_last_name_prefix",
        "accounts",
        [sa.literal_column("lower(last_name)").label("indexed")],
        unique=False,
        postgresql_ops={"indexed": "text_pattern_ops"},
    )
    op.create_index(
        "accounts_phone_prefix",
        "accounts",
        [sa.literal_column("phone").label("indexed")],
        unique=False,
        postgresql_ops={"indexed": "text_pattern_ops"},
    )
    op.create_table(
        "booking_facts",
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("booking_number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("pickup_date", sa.Date(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=True),
        sa.Column("paid_cents", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'confirmed', 'paid', 'in_progress', 'completed', 'cancelled', 'expired')",
            name="status_known",
        ),
        sa.CheckConstraint("(paid_at IS NULL) = (paid_cents IS NULL)", name="paid_whole"),
        sa.CheckConstraint("paid_cents BETWEEN 0 AND 99999999", name="paid_cents_in_range"),
        sa.CheckConstraint("total_cents BETWEEN 0 AND 99999999", name="total_cents_in_range"),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    op.create_index("booking_facts_customer", "booking_facts", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "booking_facts_guest",
        "booking_facts",
        ["contact_email"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    op.create_index("booking_facts_number", "booking_facts", ["booking_number"], unique=False)
    op.create_table(
        "login_failures",
        sa.Column("login_key", sa.String(length=64), nullable=False),
        sa.Column("failures", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login_key"),
    )
    op.create_index("login_failures_age", "login_failures", ["last_failure_at"], unique=False)
    op.create_table(
        "refund_facts",
        sa.Column("refund_id", sa.UUID(), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents BETWEEN 0 AND 99999999", name="amount_cents_in_range"),
        sa.PrimaryKeyConstraint("refund_id"),
    )
    op.create_index("refund_facts_booking", "refund_facts", ["booking_id"], unique=False)
    op.create_table(
        "session_endings",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "staff_audit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("action_type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("booking_id", sa.UUID(), nullable=True),
        sa.Column("ip_address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("staff_audit_action", "staff_audit", ["action_type", "happened_at"], unique=False)
    op.create_index("staff_audit_age", "staff_audit", ["happened_at"], unique=False)
    op.create_index(
        "staff_audit_booking",
        "staff_audit",
        ["booking_id", "happened_at"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index(
        "staff_audit_customer",
        "staff_audit",
        ["customer_id", "happened_at"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index("staff_audit_staff", "staff_audit", ["staff_id", "happened_at"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("preferred_pickup_time", sa.Text(), server_default="morning", nullable=False),
        sa.Column("email_notifications", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("sms_notifications", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "preferred_pickup_time IN ('morning', 'morning_specific', 'no_time_preference')", name="pickup_time_known"
        ),
        sa.ForeignKeyConstraint(
            ["id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.String(length=20), nullable=True),
        sa.Column("hire_date", sa.Date(), nullable=False),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'operator', 'manager', 'admin')", name="role_known"),
        sa.ForeignKeyConstraint(
            ["id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("employee_id"),
    )
    op.create_table(
        "saved_addresses",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("nickname", sa.String(length=50), nullable=False),
        sa.Column("address_line_1", sa.String(length=200), nullable=False),
        sa.Column("address_line_2", sa.String(length=200), server_default="", nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("zip_code", sa.String(length=10), nullable=False),
        sa.Column("delivery_instructions", sa.Text(), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('NY', 'CT', 'NJ')", name="state_served"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "saved_addresses_nickname",
        "saved_addresses",
        ["customer_id", sa.literal_column("lower(nickname)")],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "address_uses",
        sa.Column("address_id", sa.UUID(), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["saved_addresses.id"],
        ),
        sa.PrimaryKeyConstraint("address_id", "booking_id"),
    )
    op.execute(
        """
        CREATE FUNCTION refuse_to_change_the_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'the staff audit log is append-only' USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER staff_audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_audit
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit_log()
        """
    )


def downgrade() -> None:
    op.drop_table("address_uses")
    op.drop_index("saved_addresses_nickname", table_name="saved_addresses", postgresql_where=sa.text("is_active"))
    op.drop_table("saved_addresses")
    op.drop_table("staff")
    op.drop_table("customers")
    op.drop_index("staff_audit_staff", table_name="staff_audit")
    op.drop_index("staff_audit_customer", table_name="staff_audit", postgresql_where=sa.text("customer_id IS NOT NULL"))
    op.drop_index("staff_audit_booking", table_name="staff_audit", postgresql_where=sa.text("booking_id IS NOT NULL"))
    op.drop_index("staff_audit_age", table_name="staff_audit")
    op.drop_index("staff_audit_action", table_name="staff_audit")
    op.drop_table("staff_audit")
    op.execute("DROP FUNCTION refuse_to_change_the_audit_log()")
    op.drop_table("session_endings")
    op.drop_index("refund_facts_booking", table_name="refund_facts")
    op.drop_table("refund_facts")
    op.drop_index("login_failures_age", table_name="login_failures")
    op.drop_table("login_failures")
    op.drop_index("booking_facts_number", table_name="booking_facts")
    op.drop_index("booking_facts_guest", table_name="booking_facts", postgresql_where=sa.text("customer_id IS NULL"))
    op.drop_index("booking_facts_customer", table_name="booking_facts")
    op.drop_table("booking_facts")
    op.drop_index("accounts_phone_prefix", table_name="accounts", postgresql_ops={"indexed": "text_pattern_ops"})
    op.drop_index("accounts_last_name_prefix", table_name="accounts", postgresql_ops={"indexed": "text_pattern_ops"})
    op.drop_index("accounts_first_name_prefix", table_name="accounts", postgresql_ops={"indexed": "text_pattern_ops"})
    op.drop_index("accounts_email_prefix", table_name="accounts", postgresql_ops={"indexed": "text_pattern_ops"})
    op.drop_index("accounts_email", table_name="accounts")
    op.drop_index("accounts_age", table_name="accounts")
    op.drop_table("accounts")
