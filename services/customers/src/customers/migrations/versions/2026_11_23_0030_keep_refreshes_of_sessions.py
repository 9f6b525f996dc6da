"""keep refreshes of sessions."""

import sqlalchemy as sa
from alembic import op

revision = "a41d7c02be65"
down_revision = "c7d41b0e9a52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts whose sessions still say what was true before a change."""
    op.create_table(
        "session_refreshes",
        sa.Column("account_id", sa.UUID(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
    )


def downgrade() -> None:
    op.drop_table("session_refreshes")
