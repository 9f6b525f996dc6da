"""Owe erasures of bookings that are still ahead."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c7d20b81e4a6"
down_revision = "5c1e7fa0d342"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures_owed",
        sa.Column("booking_id", postgresql.UUID(), sa.ForeignKey("bookings.id"), primary_key=True),
        sa.Column("customer_id", postgresql.UUID(), nullable=False),
        sa.Column("owed_since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("erasures_owed")
