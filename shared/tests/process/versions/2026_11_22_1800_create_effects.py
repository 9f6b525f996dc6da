"""create effects"""

import sqlalchemy as sa
from alembic import op

revision = "e0f1a2b3c4d5"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("effects", sa.Column("key", sa.Text, primary_key=True))


def downgrade() -> None:
    op.drop_table("effects")
