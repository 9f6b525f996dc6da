"""Late moves cap refunds."""

import sqlalchemy as sa
from alembic import op

revision = "5c1e7fa0d342"
down_revision = "3e9b7c51d8a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    cap = sa.Column("refund_cap_percent", sa.SmallInteger(), nullable=False, server_default="100")
    op.add_column("bookings", cap)
    within = "refund_cap_percent BETWEEN 0 AND 100"
    op.create_check_constraint("bookings_refund_cap", "bookings", within, postgresql_not_valid=True)
    op.execute("ALTER TABLE bookings VALIDATE CONSTRAINT bookings_refund_cap")


def downgrade() -> None:
    op.drop_column("bookings", "refund_cap_percent")
