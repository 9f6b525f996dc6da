"""know guests again."""

import sqlalchemy as sa
from alembic import op

revision = "d5b0c94e7f21"
down_revision = "b7e0935d1f24"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Customers with whose confirmed address guests have booked since it was confirmed."""
    op.create_table(
        "known_guests",
        sa.Column("account_id", sa.UUID(), primary_key=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("known_guests")
