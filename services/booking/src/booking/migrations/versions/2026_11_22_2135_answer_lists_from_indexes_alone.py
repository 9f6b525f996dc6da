"""Answer lists from indexes alone."""

from alembic import op

revision = "e1f5a08c6b32"
down_revision = "b7a4c9e2f018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("bookings_by_status", "bookings_by_age", "bookings_by_pickup"):
        op.drop_index(name, table_name="bookings")
    op.create_index("bookings_by_status", "bookings", ["status", "created_at", "id"])
    op.create_index("bookings_by_age", "bookings", ["created_at", "id"])
    op.create_index(
        "bookings_by_pickup",
        "bookings",
        ["pickup_date", "service_type", "status", "id"],
        postgresql_include=["total_price_cents", "paid_cents"],
    )


def downgrade() -> None:
    for name in ("bookings_by_status", "bookings_by_age", "bookings_by_pickup"):
        op.drop_index(name, table_name="bookings")
    op.create_index("bookings_by_status", "bookings", ["status", "created_at"])
    op.create_index("bookings_by_age", "bookings", ["created_at"])
    op.create_index("bookings_by_pickup", "bookings", ["pickup_date", "service_type", "status", "id"])
