"""Find what changed last."""

from alembic import op

revision = "b7a4c9e2f018"
down_revision = "3f6b20c4d9a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("bookings_by_change", "bookings", ["updated_at"])
    op.create_index("alerts_last", "alerts", ["last_alert_id"])


def downgrade() -> None:
    op.drop_index("alerts_last", table_name="alerts")
    op.drop_index("bookings_by_change", table_name="bookings")
