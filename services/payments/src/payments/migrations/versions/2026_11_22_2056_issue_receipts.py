"""issue receipts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0148405299c4'
down_revision = 'cc1df5ffb887'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('receipt_counters',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('year', sa.SmallInteger(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'year')
    )
    op.create_table('receipts',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('booking_number', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=True),
    sa.Column('refund_id', sa.UUID(), nullable=True),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'credit_note') = (refund_id IS NOT NULL)", name='receipts_refund'),
    sa.CheckConstraint("kind IN ('receipt', 'invoice', 'credit_note')", name='receipts_kind'),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], ),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number'),
    sa.UniqueConstraint('refund_id', name='receipts_one_credit_note')
    )
    op.create_index('receipts_of_booking', 'receipts', ['booking_id'], unique=False)
    op.create_index('receipts_one_receipt', 'receipts', ['payment_id'], unique=True, postgresql_where=sa.text("kind = 'receipt'"))
    op.create_table('receipt_files',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('sha256', sa.String(length=64), server_default='', nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stored_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['id'], ['receipts.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('receipt_files_to_store', 'receipt_files', ['next_try_at'], unique=False, postgresql_where=sa.text('stored_at IS NULL'))
    op.add_column('payments', sa.Column('receipt_id', sa.UUID(), nullable=True))
    op.create_index('payments_without_receipt', 'payments', ['processed_at'], unique=False, postgresql_where=sa.text('captured_cents > 0 AND receipt_id IS NULL AND duplicate_of IS NULL'))
    op.add_column('refunds', sa.Column('credit_note_id', sa.UUID(), nullable=True))
    op.create_index('refunds_without_credit_note', 'refunds', ['processed_at'], unique=False, postgresql_where=sa.text("status = 'succeeded' AND credit_note_id IS NULL"))
    op.execute(
        "CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index('refunds_without_credit_note', table_name='refunds', postgresql_where=sa.text("status = 'succeeded' AND credit_note_id IS NULL"))
    op.drop_column('refunds', 'credit_note_id')
    op.drop_index('payments_without_receipt', table_name='payments', postgresql_where=sa.text('captured_cents > 0 AND receipt_id IS NULL AND duplicate_of IS NULL'))
    op.drop_column('payments', 'receipt_id')
    op.drop_index('receipt_files_to_store', table_name='receipt_files', postgresql_where=sa.text('stored_at IS NULL'))
    op.drop_table('receipt_files')
    op.drop_index('receipts_one_receipt', table_name='receipts', postgresql_where=sa.text("kind = 'receipt'"))
    op.drop_index('receipts_of_booking', table_name='receipts')
    op.drop_table('receipts')
    op.drop_table('receipt_counters')
