"""count places and redemptions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "7d3e90b1c5a2"
down_revision = "8ccb9c144aaf"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _bookings()
    _places()
    _quotes()
    _discounts()
    op.create_table(
        "pauses",
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.UUID(), nullable=False),
        _instant("paused_at", nullable=False),
    )


def downgrade() -> None:
    for table in ("pauses", "discount_redemptions", "discount_codes", "quotes", "capacity_days"):
        op.drop_table(table)
    op.drop_index("bookings_held", "bookings")
    for constraint in ("bookings_over_hold_nothing", "bookings_returned"):
        op.drop_constraint(constraint, "bookings")
    for column in ("returned_cents", "adjustments", "hold_expires_at", "holds_place"):
        op.drop_column("bookings", column)
    op.create_table(
        "discount_codes",
        sa.Column("code", sa.Text(), primary_key=True),
        *_terms(),
        sa.CheckConstraint("code = upper(code)", name="discount_codes_upper"),
        sa.CheckConstraint("discount_type IN ('percentage', 'fixed')", name="discount_codes_type"),
    )


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _bookings() -> None:
    op.add_column("bookings", sa.Column("holds_place", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("bookings", _instant("hold_expires_at"))
    op.add_column("bookings", sa.Column("adjustments", JSONB(), server_default="[]", nullable=False))
    op.add_column("bookings", sa.Column("returned_cents", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint("bookings_returned", "bookings", "returned_cents BETWEEN 0 AND paid_cents")
    over = "status NOT IN ('cancelled', 'expired') OR NOT holds_place"
    op.create_check_constraint("bookings_over_hold_nothing", "bookings", over)
    held = sa.text("status = 'pending' AND holds_place")
    op.create_index("bookings_held", "bookings", ["hold_expires_at"], postgresql_where=held)
    op.execute(
        "UPDATE bookings SET holds_place = true,"
        " hold_expires_at = CASE WHEN status = 'pending' THEN now() + interval '30 minutes' END"
        " WHERE status NOT IN ('cancelled', 'expired')"
    )


def _places() -> None:
    op.create_table(
        "capacity_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("service_type", sa.Text(), primary_key=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "service_type IN ('mini_move', 'standard_delivery', 'specialty_item')", name="capacity_days_service_type"
        ),
        sa.CheckConstraint("used >= 0", name="capacity_days_used"),
    )
    op.execute(
        "INSERT INTO capacity_days (day, service_type, used)"
        " SELECT pickup_date, service_type, count(*) FROM bookings WHERE holds_place GROUP BY 1, 2"
    )


def _quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column("id", sa.UUID(), primary_key=True),
        sa.Column("booking_id", sa.UUID(), sa.ForeignKey("bookings.id")),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("move", JSONB(), nullable=False),
        sa.Column("discount", JSONB()),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("prices", JSONB(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("override_cents", sa.Integer()),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", JSONB()),
        _instant("created_at", nullable=False),
        sa.CheckConstraint("occasion IN ('booked', 'rescheduled')", name="quotes_occasion"),
        sa.CheckConstraint("total_cents BETWEEN 0 AND 99999999", name="quotes_total"),
    )
    op.create_index("quotes_of_booking", "quotes", ["booking_id", "created_at"])


def _discounts() -> None:
    """No code has reached this service before: the table of codes is made anew with what limits need."""
    op.drop_table("discount_codes")
    op.create_table(
        "discount_codes",
        sa.Column("id", sa.UUID(), primary_key=True),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("max_uses", sa.Integer()),
        sa.Column("max_uses_per_customer", sa.Integer(), server_default="1", nullable=False),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        *_terms(),
        sa.CheckConstraint("code = upper(code)", name="discount_codes_upper"),
        sa.CheckConstraint("discount_type IN ('percentage', 'fixed')", name="discount_codes_type"),
        sa.CheckConstraint("uses >= 0", name="discount_codes_uses"),
    )
    op.create_table(
        "discount_redemptions",
        sa.Column("id", sa.UUID(), primary_key=True),
        sa.Column("code_id", sa.UUID(), sa.ForeignKey("discount_codes.id"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.UUID(), sa.ForeignKey("bookings.id"), nullable=False, unique=True),
        sa.Column("customer_id", sa.UUID()),
        sa.Column("redeemer", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        _instant("redeemed_at", nullable=False),
        _instant("released_at"),
        sa.CheckConstraint("amount_cents BETWEEN 0 AND 99999999", name="discount_redemptions_amount"),
    )
    in_force = sa.text("released_at IS NULL")
    op.create_index(
        "discount_redemptions_in_force", "discount_redemptions", ["code_id", "redeemer"], postgresql_where=in_force
    )


def _terms() -> tuple[sa.Column, ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("discount_type", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(12, 2), nullable=False),
        _instant("valid_from", nullable=False),
        _instant("valid_until"),
        sa.Column("minimum_order_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("maximum_discount_cents", sa.Integer()),
        sa.Column("allowed_service_types", JSONB(), server_default="[]", nullable=False),
    )
