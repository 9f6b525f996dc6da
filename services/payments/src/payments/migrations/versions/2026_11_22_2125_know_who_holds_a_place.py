"""know who holds a place."""

import sqlalchemy as sa
from alembic import op

revision = "b84e1d6c20f7"
down_revision = "6b51e49b96b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    holds_place = sa.Column("holds_place", sa.Boolean(), server_default="true", nullable=False)
    op.add_column("billable_bookings", holds_place)


def downgrade() -> None:
    op.drop_column("billable_bookings", "holds_place")
