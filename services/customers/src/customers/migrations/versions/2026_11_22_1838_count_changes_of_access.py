"""count changes of access."""

import sqlalchemy as sa
from alembic import op

revision = "95d5ce13980e"
down_revision = "9009cd0a7e85"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("access_version", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("session_endings", sa.Column("access_version", sa.BigInteger(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("session_endings", "access_version")
    op.drop_column("accounts", "access_version")
