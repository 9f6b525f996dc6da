"""alerts know their last raising."""

import sqlalchemy as sa
from alembic import op

revision = "5b0c1d7a92e4"
down_revision = "c45df23e8c06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("last_alert_id", sa.UUID(), nullable=True))
    op.execute("UPDATE alerts SET last_alert_id = '00000000-0000-0000-0000-000000000000'")
    op.alter_column("alerts", "last_alert_id", nullable=False)
    op.drop_column("alerts", "times")


def downgrade() -> None:
    op.add_column("alerts", sa.Column("times", sa.Integer(), server_default="1", nullable=False))
    op.drop_column("alerts", "last_alert_id")
