"""Know people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '8ccb9c144aaf'
down_revision = '645997112129'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customers',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('last_name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('email_verified', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('disputes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('disputes_of_booking', 'disputes', ['booking_id'], unique=False)
    op.create_index('disputes_open', 'disputes', ['opened_at'], unique=False, postgresql_where=sa.text("status = 'open'"))
    op.create_table('messages',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure_reason', sa.Text(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('messages_failed', 'messages', ['told_at'], unique=False, postgresql_where=sa.text("status = 'failed'"))
    op.create_index('messages_of_booking', 'messages', ['booking_id', 'told_at'], unique=False, postgresql_where=sa.text('booking_id IS NOT NULL'))
    op.create_table('staff_quotes',
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('catalog_version', sa.Integer(), nullable=False),
    sa.Column('list_price_cents', sa.Integer(), nullable=False),
    sa.Column('total_price_cents', sa.Integer(), nullable=False),
    sa.Column('override_reason', sa.Text(), nullable=False),
    sa.Column('breakdown', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('quoted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("list_price_cents = total_price_cents OR override_reason <> ''", name='staff_quotes_reason'),
    sa.CheckConstraint('list_price_cents BETWEEN 0 AND 99999999', name='staff_quotes_list_price'),
    sa.CheckConstraint('total_price_cents BETWEEN 0 AND 99999999', name='staff_quotes_total'),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('booking_id')
    )
    op.add_column('alerts', sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('alerts', sa.Column('cleared_by', sa.UUID(), nullable=True))
    op.create_index('payments_captured', 'payments', ['processed_at'], unique=False, postgresql_where=sa.text('captured_cents > 0'))
    op.create_index('refunds_done', 'refunds', ['processed_at'], unique=False, postgresql_where=sa.text("status = 'succeeded'"))
    op.create_index('refunds_failed', 'refunds', ['created_at'], unique=False, postgresql_where=sa.text("status = 'failed'"))


def downgrade() -> None:
    op.drop_index('refunds_failed', table_name='refunds', postgresql_where=sa.text("status = 'failed'"))
    op.drop_index('refunds_done', table_name='refunds', postgresql_where=sa.text("status = 'succeeded'"))
    op.drop_index('payments_captured', table_name='payments', postgresql_where=sa.text('captured_cents > 0'))
    op.drop_column('alerts', 'cleared_by')
    op.drop_column('alerts', 'cleared_at')
    op.drop_table('staff_quotes')
    op.drop_index('messages_of_booking', table_name='messages', postgresql_where=sa.text('booking_id IS NOT NULL'))
    op.drop_index('messages_failed', table_name='messages', postgresql_where=sa.text("status = 'failed'"))
    op.drop_table('messages')
    op.drop_index('disputes_open', table_name='disputes', postgresql_where=sa.text("status = 'open'"))
    op.drop_index('disputes_of_booking', table_name='disputes')
    op.drop_table('disputes')
    op.drop_table('customers')
