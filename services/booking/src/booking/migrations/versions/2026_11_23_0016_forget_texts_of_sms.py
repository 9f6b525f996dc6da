"""forget texts of sms."""

from alembic import op

revision = "3e9b7c51d8a4"
down_revision = "e1f5a08c6b32"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The subject of an SMS was its whole text, with the link that opens the booking."""
    op.execute("UPDATE messages SET subject = '' WHERE channel = 'sms' AND subject <> ''")


def downgrade() -> None:
    """What was there is not wanted back."""
