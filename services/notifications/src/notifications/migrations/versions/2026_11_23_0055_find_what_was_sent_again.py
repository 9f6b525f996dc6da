"""find what was sent again."""

import sqlalchemy as sa
from alembic import op

revision = "c4d20e9f7a13"
down_revision = "8a1f6d0c2b57"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """While it is built, messages go on being written; one that was left half built is built anew."""
    with op.get_context().autocommit_block():
        op.drop_index("messages_resent", "messages", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "messages_resent",
            "messages",
            ["resend_of"],
            postgresql_where=sa.text("resend_of IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("messages_resent")
