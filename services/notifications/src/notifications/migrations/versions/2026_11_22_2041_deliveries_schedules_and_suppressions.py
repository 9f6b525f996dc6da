"""deliveries schedules and suppressions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '1333557d3d46'
down_revision = '5b75e6fe46f2'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('deliveries',
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), server_default='', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('handed_over', 'delivered', 'postponed', 'refused', 'bounced', 'complained')", name=op.f('deliveries_status')),
    sa.PrimaryKeyConstraint('message_id', 'attempt')
    )
    op.create_index('deliveries_provider', 'deliveries', ['provider_id'], unique=False, postgresql_where=sa.text("provider_id <> ''"))
    op.create_table('erased',
    sa.Column('customer_id', sa.UUID(), nullable=False),
    sa.Column('email_sha256', sa.Text(), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('customer_id')
    )
    op.create_index('erased_email', 'erased', ['email_sha256'], unique=False)
    op.create_table('feedback',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('feedback_age', 'feedback', ['received_at'], unique=False)
    op.create_table('receipts',
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('receipt_id', sa.UUID(), nullable=True),
    sa.Column('number', sa.Text(), server_default='', nullable=False),
    sa.Column('storage_key', sa.Text(), server_default='', nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('payment_id')
    )
    op.create_table('staff',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('suppressions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('address_sha256', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('blocks', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("blocks IN ('all', 'optional')", name=op.f('suppressions_blocks')),
    sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f('suppressions_channel')),
    sa.CheckConstraint("reason IN ('bounce', 'complaint', 'stop', 'unsubscribe', 'staff')", name=op.f('suppressions_reason')),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('channel', 'address_sha256', name=op.f('suppressions_channel_address_sha256_key'))
    )
    op.create_table('templates',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('parts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changed_by', sa.UUID(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'version')
    )
    op.add_column('bookings', sa.Column('status', sa.Text(), server_default='', nullable=False))
    op.add_column('bookings', sa.Column('customer_id', sa.UUID(), nullable=True))
    op.add_column('bookings', sa.Column('email_sha256', sa.Text(), server_default='', nullable=False))
    op.add_column('bookings', sa.Column('pickup_date', sa.Date(), nullable=True))
    op.add_column('bookings', sa.Column('window_start', sa.DateTime(timezone=True), nullable=True))
    op.add_column('bookings', sa.Column('booked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('bookings', sa.Column('upcoming_since', sa.DateTime(timezone=True), nullable=True))
    op.create_index('bookings_customer', 'bookings', ['customer_id'], unique=False)
    op.create_index('bookings_email', 'bookings', ['email_sha256'], unique=False)
    op.create_index('bookings_unpaid', 'bookings', ['booked_at'], unique=False, postgresql_where=sa.text("status = 'pending'"))
    op.create_index('bookings_upcoming', 'bookings', ['pickup_date'], unique=False, postgresql_where=sa.text("status IN ('paid', 'confirmed')"))
    op.add_column('messages', sa.Column('useful_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('messages', sa.Column('resend_of', sa.UUID(), nullable=True))
    statuses = "status IN ('pending', 'sending', 'sent', 'failed', 'dropped')"
    op.drop_constraint(op.f("messages_status"), "messages")
    op.execute(f"ALTER TABLE messages ADD CONSTRAINT messages_status CHECK ({statuses}) NOT VALID")
    op.execute("ALTER TABLE messages VALIDATE CONSTRAINT messages_status")
    op.execute("""
        UPDATE bookings SET
          status = state->>'status', customer_id = (state->>'customer_id')::uuid,
          email_sha256 = encode(sha256(convert_to(lower(state->'contact'->>'email'), 'UTF8')), 'hex'),
          pickup_date = (state->>'pickup_date')::date, window_start = (state->>'window_start')::timestamptz,
          booked_at = (state->>'created_at')::timestamptz, upcoming_since = (state->>'created_at')::timestamptz
    """)


def downgrade() -> None:
    op.execute("UPDATE messages SET status = 'failed' WHERE status = 'dropped'")
    op.drop_constraint(op.f("messages_status"), "messages")
    op.create_check_constraint(op.f("messages_status"), "messages", "status IN ('pending', 'sending', 'sent', 'failed')")
    op.drop_column('messages', 'resend_of')
    op.drop_column('messages', 'useful_until')
    op.drop_index('bookings_upcoming', table_name='bookings', postgresql_where=sa.text("status IN ('paid', 'confirmed')"))
    op.drop_index('bookings_unpaid', table_name='bookings', postgresql_where=sa.text("status = 'pending'"))
    op.drop_index('bookings_email', table_name='bookings')
    op.drop_index('bookings_customer', table_name='bookings')
    op.drop_column('bookings', 'upcoming_since')
    op.drop_column('bookings', 'booked_at')
    op.drop_column('bookings', 'window_start')
    op.drop_column('bookings', 'pickup_date')
    op.drop_column('bookings', 'email_sha256')
    op.drop_column('bookings', 'customer_id')
    op.drop_column('bookings', 'status')
    op.drop_table('templates')
    op.drop_table('suppressions')
    op.drop_table('staff')
    op.drop_table('receipts')
    op.drop_index('feedback_age', table_name='feedback')
    op.drop_table('feedback')
    op.drop_index('erased_email', table_name='erased')
    op.drop_table('erased')
    op.drop_index('deliveries_provider', table_name='deliveries', postgresql_where=sa.text("provider_id <> ''"))
    op.drop_table('deliveries')
