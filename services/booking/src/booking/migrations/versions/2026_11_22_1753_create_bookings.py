"""Create the tables of booking."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'c45df23e8c06'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alerts',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=True),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.Column('first_raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("severity IN ('warning', 'critical')", name='alerts_severity'),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_index('alerts_newest', 'alerts', [sa.literal_column('last_raised_at DESC')], unique=False)
    op.create_table('booking_counters',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day')
    )
    op.create_table('bookings',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('booking_number', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.UUID(), nullable=True),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('last_name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('service_type', sa.Text(), nullable=False),
    sa.Column('package_type', sa.Text(), nullable=True),
    sa.Column('item_count', sa.Integer(), nullable=True),
    sa.Column('item_description', sa.Text(), nullable=False),
    sa.Column('specialty_items', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('include_packing', sa.Boolean(), nullable=False),
    sa.Column('include_unpacking', sa.Boolean(), nullable=False),
    sa.Column('is_same_day', sa.Boolean(), nullable=False),
    sa.Column('coi_required', sa.Boolean(), nullable=False),
    sa.Column('is_outside_core_area', sa.Boolean(), nullable=False),
    sa.Column('pickup_date', sa.Date(), nullable=False),
    sa.Column('pickup_time', sa.Text(), nullable=False),
    sa.Column('specific_pickup_hour', sa.SmallInteger(), nullable=True),
    sa.Column('window_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('window_end', sa.DateTime(timezone=True), nullable=False),
    sa.Column('pickup_address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('delivery_address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('special_instructions', sa.Text(), nullable=False),
    sa.Column('internal_notes', sa.Text(), nullable=False),
    sa.Column('catalog_version', sa.Integer(), nullable=False),
    sa.Column('total_price_cents', sa.Integer(), nullable=False),
    sa.Column('prices', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('price_detail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('discount_code', sa.Text(), nullable=True),
    sa.Column('manage_token_sha256', sa.Text(), nullable=False),
    sa.Column('manage_token_sealed', sa.Text(), nullable=False),
    sa.Column('saved_address_ids', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status_history', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_cents', sa.Integer(), nullable=False),
    sa.Column('paid_payment_id', sa.UUID(), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("pickup_time IN ('morning', 'morning_specific', 'no_time_preference')", name='bookings_pickup_time'),
    sa.CheckConstraint("service_type IN ('mini_move', 'standard_delivery', 'specialty_item')", name='bookings_service_type'),
    sa.CheckConstraint("status IN ('pending', 'confirmed', 'paid', 'in_progress', 'completed', 'cancelled', 'expired')", name='bookings_status'),
    sa.CheckConstraint("status NOT IN ('paid', 'in_progress', 'completed') OR paid_at IS NOT NULL", name='bookings_paid_before_begun'),
    sa.CheckConstraint('paid_cents = 0 OR paid_at IS NOT NULL', name='bookings_paid_at'),
    sa.CheckConstraint('paid_cents BETWEEN 0 AND 99999999', name='bookings_paid'),
    sa.CheckConstraint('total_price_cents BETWEEN 0 AND 99999999', name='bookings_total'),
    sa.CheckConstraint('total_price_cents NOT BETWEEN 1 AND 49', name='bookings_total_chargeable'),
    sa.CheckConstraint('window_start < window_end', name='bookings_window'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('booking_number'),
    sa.UniqueConstraint('paid_payment_id')
    )
    op.create_index('bookings_by_age', 'bookings', ['created_at'], unique=False)
    op.create_index('bookings_by_pickup', 'bookings', ['pickup_date', 'service_type'], unique=False)
    op.create_index('bookings_by_status', 'bookings', ['status', 'created_at'], unique=False)
    op.create_index('bookings_of_customer', 'bookings', ['customer_id', sa.literal_column('created_at DESC')], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('bookings_unpaid', 'bookings', ['expires_at'], unique=False, postgresql_where=sa.text("status = 'pending'"))
    op.create_table('catalog_versions',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('snapshot', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    op.create_table('discount_codes',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('discount_type', sa.Text(), nullable=False),
    sa.Column('value', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('minimum_order_cents', sa.Integer(), server_default='0', nullable=False),
    sa.Column('maximum_discount_cents', sa.Integer(), nullable=True),
    sa.Column('allowed_service_types', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("discount_type IN ('percentage', 'fixed')", name='discount_codes_type'),
    sa.CheckConstraint('code = upper(code)', name='discount_codes_upper'),
    sa.PrimaryKeyConstraint('code')
    )
    op.create_table('payments',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('captured_cents', sa.Integer(), nullable=False),
    sa.Column('refunded_cents', sa.Integer(), nullable=False),
    sa.Column('failure_reason', sa.Text(), nullable=False),
    sa.Column('stripe_payment_intent_id', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('payments_of_booking', 'payments', ['booking_id', sa.literal_column('created_at DESC')], unique=False)
    op.create_table('refunds',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('requested_by', sa.Text(), nullable=False),
    sa.Column('request_id', sa.UUID(), nullable=True),
    sa.Column('failure_reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('refunds_of_booking', 'refunds', ['booking_id'], unique=False)
    op.create_table('refund_requests',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_refund_requests_booking_id'), 'refund_requests', ['booking_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_refund_requests_booking_id'), table_name='refund_requests')
    op.drop_table('refund_requests')
    op.drop_index('refunds_of_booking', table_name='refunds')
    op.drop_table('refunds')
    op.drop_index('payments_of_booking', table_name='payments')
    op.drop_table('payments')
    op.drop_table('discount_codes')
    op.drop_table('catalog_versions')
    op.drop_index('bookings_unpaid', table_name='bookings', postgresql_where=sa.text("status = 'pending'"))
    op.drop_index('bookings_of_customer', table_name='bookings', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_index('bookings_by_status', table_name='bookings')
    op.drop_index('bookings_by_pickup', table_name='bookings')
    op.drop_index('bookings_by_age', table_name='bookings')
    op.drop_table('bookings')
    op.drop_table('booking_counters')
    op.drop_index('alerts_newest', table_name='alerts')
    op.drop_table('alerts')
