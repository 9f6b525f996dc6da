"""keep earlier links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b7e0935d1f24"
down_revision = "a41d7c02be65"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A newer link leaves the earlier ones of the last hour as they are. An older release writes the newest alone."""
    empty = {"server_default": "{}", "nullable": False}
    op.add_column("account_tokens", sa.Column("earlier_sha256", postgresql.ARRAY(sa.Text()), **empty))
    instants = postgresql.ARRAY(sa.DateTime(timezone=True))
    op.add_column("account_tokens", sa.Column("earlier_expires_at", instants, **empty))
    op.create_index("account_tokens_earlier", "account_tokens", ["earlier_sha256"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("account_tokens_earlier", table_name="account_tokens")
    op.drop_column("account_tokens", "earlier_expires_at")
    op.drop_column("account_tokens", "earlier_sha256")
