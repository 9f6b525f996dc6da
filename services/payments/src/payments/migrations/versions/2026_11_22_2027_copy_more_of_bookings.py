"""copy more of bookings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '5f17a2c20d14'
down_revision = 'f32363f010ff'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('billable_bookings', sa.Column('paid_cents', sa.Integer(), server_default='0', nullable=False))
    op.add_column('billable_bookings', sa.Column('adjustments', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('billable_bookings', sa.Column('service_type', sa.Text(), server_default='', nullable=False))
    op.add_column('billable_bookings', sa.Column('pickup_date', sa.Date(), nullable=True))
    op.add_column('billable_bookings', sa.Column('customer_name', sa.Text(), server_default='', nullable=False))
    op.add_column('billable_bookings', sa.Column('prices', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))

    op.create_check_constraint("billable_bookings_paid", "billable_bookings", "paid_cents >= 0")
    op.create_index("billable_bookings_number", "billable_bookings", ["booking_number"])
    op.drop_constraint("billable_bookings_booking_number_key", "billable_bookings")

def downgrade() -> None:
    op.create_unique_constraint("billable_bookings_booking_number_key", "billable_bookings", ["booking_number"])
    op.drop_index("billable_bookings_number")
    op.drop_column('billable_bookings', 'prices')
    op.drop_column('billable_bookings', 'customer_name')
    op.drop_column('billable_bookings', 'pickup_date')
    op.drop_column('billable_bookings', 'service_type')
    op.drop_column('billable_bookings', 'adjustments')
    op.drop_column('billable_bookings', 'paid_cents')
