"""create payments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'f32363f010ff'
down_revision = None
branch_labels = None
depends_on = None

LEDGER_BALANCES = """
CREATE FUNCTION ledger_fact_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_cents) FROM ledger_entries WHERE fact = NEW.fact) <> 0 THEN
    RAISE EXCEPTION 'the entries of % do not sum to zero', NEW.fact USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""

LEDGER_BALANCED_AT_COMMIT = """
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON ledger_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_fact_balances()
"""

ONLY_ADDED_TO = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

REFUSE_CHANGE = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table('billable_bookings',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('booking_number', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('total_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('customer_id', sa.UUID(), nullable=True),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('manage_token_sha256', sa.String(length=64), nullable=False),
    sa.Column('kept_cents', sa.Integer(), server_default='0', nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('kept_cents >= 0', name='billable_bookings_kept'),
    sa.CheckConstraint('total_cents BETWEEN 0 AND 99999999', name='billable_bookings_total'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('booking_number')
    )
    op.create_table('stripe_events',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'applied', 'ignored', 'parked')", name='stripe_events_state'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('stripe_events_parked', 'stripe_events', ['received_at'], unique=False, postgresql_where=sa.text("state = 'parked'"))
    op.create_index('stripe_events_settled', 'stripe_events', ['settled_at'], unique=False, postgresql_where=sa.text('settled_at IS NOT NULL'))
    op.create_index('stripe_events_waiting', 'stripe_events', ['next_try_at'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('payments',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('booking_number', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.UUID(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('failure_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('captured_cents', sa.Integer(), server_default='0', nullable=False),
    sa.Column('refunded_cents', sa.Integer(), server_default='0', nullable=False),
    sa.Column('stripe_payment_intent_id', sa.Text(), nullable=True),
    sa.Column('stripe_charge_id', sa.Text(), server_default='', nullable=False),
    sa.Column('duplicate_of', sa.UUID(), nullable=True),
    sa.Column('attempt', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('check_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancel_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('creating', 'requires_payment', 'processing', 'succeeded', 'partially_refunded', 'refunded', 'failed', 'cancelled')", name='payments_status'),
    sa.CheckConstraint('amount_cents BETWEEN 1 AND 99999999', name='payments_amount'),
    sa.CheckConstraint('captured_cents BETWEEN 0 AND 99999999', name='payments_captured'),
    sa.CheckConstraint('refunded_cents BETWEEN 0 AND captured_cents', name='payments_refunded'),
    sa.ForeignKeyConstraint(['booking_id'], ['billable_bookings.id'], ),
    sa.ForeignKeyConstraint(['duplicate_of'], ['payments.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('stripe_payment_intent_id')
    )
    op.create_index('payments_newest', 'payments', ['created_at'], unique=False)
    op.create_index('payments_of_booking', 'payments', ['booking_id'], unique=False)
    op.create_index('payments_one_live', 'payments', ['booking_id', 'purpose'], unique=True, postgresql_where=sa.text("duplicate_of IS NULL AND status IN ('creating', 'requires_payment', 'processing', 'succeeded', 'partially_refunded', 'refunded')"))
    op.create_index('payments_open', 'payments', ['check_at'], unique=False, postgresql_where=sa.text("status IN ('creating', 'requires_payment', 'processing')"))
    op.create_index('payments_parked', 'payments', ['parked_at'], unique=False, postgresql_where=sa.text('parked_at IS NOT NULL'))
    op.create_index('payments_to_cancel', 'payments', ['cancel_at'], unique=False, postgresql_where=sa.text('cancel_at IS NOT NULL'))
    op.create_table('ledger_entries',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('fact', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("account IN ('stripe_balance', 'customer_payments', 'customer_refunds')", name='ledger_entries_account'),
    sa.CheckConstraint('amount_cents <> 0 AND abs(amount_cents) <= 99999999', name='ledger_entries_amount'),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('fact', 'account', name='ledger_entries_once')
    )
    op.create_index('ledger_entries_of_payment', 'ledger_entries', ['payment_id'], unique=False)
    op.create_table('payment_audit',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=True),
    sa.Column('action_type', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('payment_audit_of_payment', 'payment_audit', ['payment_id'], unique=False)
    op.create_table('refunds',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('booking_number', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('requested_by', sa.Text(), nullable=False),
    sa.Column('request_id', sa.UUID(), nullable=True),
    sa.Column('stripe_refund_id', sa.Text(), nullable=True),
    sa.Column('failure_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('attempt', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('pending', 'succeeded', 'failed')", name='refunds_status'),
    sa.CheckConstraint('amount_cents BETWEEN 1 AND 99999999', name='refunds_amount'),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('request_id'),
    sa.UniqueConstraint('stripe_refund_id')
    )
    op.create_index('refunds_newest', 'refunds', ['created_at'], unique=False)
    op.create_index('refunds_of_payment', 'refunds', ['payment_id'], unique=False)
    op.create_index('refunds_pending', 'refunds', ['next_try_at'], unique=False, postgresql_where=sa.text("status = 'pending'"))
    for statement in (LEDGER_BALANCES, LEDGER_BALANCED_AT_COMMIT, ONLY_ADDED_TO):
        op.execute(statement)
    for table in ("ledger_entries", "payment_audit"):
        op.execute(REFUSE_CHANGE.format(table=table))


def downgrade() -> None:
    op.drop_index('refunds_pending', table_name='refunds', postgresql_where=sa.text("status = 'pending'"))
    op.drop_index('refunds_of_payment', table_name='refunds')
    op.drop_index('refunds_newest', table_name='refunds')
    op.drop_table('refunds')
    op.drop_index('payment_audit_of_payment', table_name='payment_audit')
    op.drop_table('payment_audit')
    op.drop_index('ledger_entries_of_payment', table_name='ledger_entries')
    op.drop_table('ledger_entries')
    op.drop_index('payments_to_cancel', table_name='payments', postgresql_where=sa.text('cancel_at IS NOT NULL'))
    op.drop_index('payments_parked', table_name='payments', postgresql_where=sa.text('parked_at IS NOT NULL'))
    op.drop_index('payments_open', table_name='payments', postgresql_where=sa.text("status IN ('creating', 'requires_payment', 'processing')"))
    op.drop_index('payments_one_live', table_name='payments', postgresql_where=sa.text("duplicate_of IS NULL AND status IN ('creating', 'requires_payment', 'processing', 'succeeded', 'partially_refunded', 'refunded')"))
    op.drop_index('payments_of_booking', table_name='payments')
    op.drop_index('payments_newest', table_name='payments')
    op.drop_table('payments')
    op.drop_index('stripe_events_waiting', table_name='stripe_events', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index('stripe_events_settled', table_name='stripe_events', postgresql_where=sa.text('settled_at IS NOT NULL'))
    op.drop_index('stripe_events_parked', table_name='stripe_events', postgresql_where=sa.text("state = 'parked'"))
    op.drop_table('stripe_events')
    op.drop_table('billable_bookings')
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP FUNCTION ledger_fact_balances")
