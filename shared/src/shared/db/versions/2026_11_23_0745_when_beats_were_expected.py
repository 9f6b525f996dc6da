"""when beats were expected."""

import sqlalchemy as sa
from alembic import op

revision = "6f2b9d41c8e7"
down_revision = "17c17a871738"
branch_labels = None
depends_on = None


def upgrade() -> None:
    expected = sa.Column("expected_since", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
    op.add_column("heartbeats", expected)
