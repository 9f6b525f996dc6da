"""keep the last comparison with Stripe."""

import sqlalchemy as sa
from alembic import op

revision = "b0f4c82d1a37"
down_revision = "91e5d2b7c640"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("comparisons")
