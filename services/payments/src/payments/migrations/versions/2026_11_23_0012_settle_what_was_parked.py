"""settle what was parked."""

import sqlalchemy as sa
from alembic import op

revision = "3c7a91d0e845"
down_revision = "b84e1d6c20f7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payments", sa.Column("resolution", sa.Text(), server_default="", nullable=False))
    op.add_column("refunds", sa.Column("attempt_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("refunds", "attempt_at")
    op.drop_column("payments", "resolution")
    op.drop_column("payments", "dismissed_at")
