"""keep the search index in order."""

from alembic import op

revision = "c7d41b0e9a52"
down_revision = "e554a41f16a9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New rows go where they belong at once, so that no search has to read through a list of those that wait."""
    op.execute("ALTER INDEX accounts_search SET (fastupdate = off)")


def downgrade() -> None:
    op.execute("ALTER INDEX accounts_search RESET (fastupdate)")
