"""find bookings by number."""

import sqlalchemy as sa
from alembic import op

revision = "5b7e31c9d042"
down_revision = "c4d20e9f7a13"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """While it is built, bookings go on being copied; one that was left half built is built anew."""
    with op.get_context().autocommit_block():
        op.drop_index("bookings_number", "bookings", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "bookings_number", "bookings", [sa.text("(state ->> 'booking_number')")], postgresql_concurrently=True
        )


def downgrade() -> None:
    op.drop_index("bookings_number")
