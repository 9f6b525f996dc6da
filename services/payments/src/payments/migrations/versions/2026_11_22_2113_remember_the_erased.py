"""remember the erased."""

import sqlalchemy as sa
from alembic import op

revision = '6b51e49b96b8'
down_revision = '0148405299c4'
branch_labels = None
depends_on = None

BLANK_THE_ERASED = """
CREATE FUNCTION blank_the_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email <> '' AND EXISTS (
    SELECT FROM erased_people
    WHERE customer_id = NEW.customer_id
       OR email_sha256 = encode(sha256(convert_to(lower(NEW.email), 'UTF8')), 'hex')
  ) THEN
    NEW.email := '';
    NEW.customer_name := '';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table('erased_people',
    sa.Column('customer_id', sa.UUID(), nullable=False),
    sa.Column('email_sha256', sa.String(length=64), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('customer_id')
    )
    op.create_index('erased_people_by_email', 'erased_people', ['email_sha256'], unique=False)
    op.execute(BLANK_THE_ERASED)
    op.execute(
        "CREATE TRIGGER blank_the_erased BEFORE INSERT OR UPDATE ON billable_bookings "
        "FOR EACH ROW EXECUTE FUNCTION blank_the_erased()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER blank_the_erased ON billable_bookings")
    op.execute("DROP FUNCTION blank_the_erased")
    op.drop_index('erased_people_by_email', table_name='erased_people')
    op.drop_table('erased_people')
