"""Find what changes cost."""

import sqlalchemy as sa
from alembic import op

revision = "a86d03f1b7e9"
down_revision = "c7d20b81e4a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_open_one = sa.text("""adjustments @> '[{"status": "open"}]'""")
    op.create_index("bookings_owing_a_change", "bookings", ["id"], postgresql_where=has_open_one)


def downgrade() -> None:
    op.drop_index("bookings_owing_a_change", table_name="bookings")
