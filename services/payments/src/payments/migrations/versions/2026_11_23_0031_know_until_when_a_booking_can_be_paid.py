"""Know until when a booking can be paid."""

import sqlalchemy as sa
from alembic import op

revision = "d20b9e64f7a3"
down_revision = "b0f4c82d1a37"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("billable_bookings", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("billable_bookings", "expires_at")
