"""Quotes are kept in one table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "3f6b20c4d9a1"
down_revision = "7d3e90b1c5a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("staff_quotes")


def downgrade() -> None:
    op.create_table(
        "staff_quotes",
        sa.Column("booking_id", sa.UUID(), sa.ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("list_price_cents", sa.Integer(), nullable=False),
        sa.Column("total_price_cents", sa.Integer(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("breakdown", postgresql.JSONB(), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
    )
