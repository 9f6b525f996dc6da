"""know which webhooks were delivered."""

import sqlalchemy as sa
from alembic import op

revision = "d41c7e0a9b52"
down_revision = "d20b9e64f7a3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The code before this stores what was delivered without saying so: the default says it.
    op.add_column(
        "stripe_events",
        sa.Column("delivered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("stripe_events", "delivered_at")
