"""Count uses of codes by address too."""

import sqlalchemy as sa
from alembic import op

revision = "f3a1c7e5902b"
down_revision = "a86d03f1b7e9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("discount_redemptions", sa.Column("email_sha256", sa.Text(), nullable=True))
    op.add_column("discount_redemptions", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_index(
        "discount_redemptions_by_address",
        "discount_redemptions",
        ["code_id", "email_sha256"],
        postgresql_where=sa.text("released_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("discount_redemptions_by_address", table_name="discount_redemptions")
    op.drop_column("discount_redemptions", "version")
    op.drop_column("discount_redemptions", "email_sha256")
