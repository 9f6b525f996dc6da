"""book disputes."""

import sqlalchemy as sa
from alembic import op

revision = 'cc1df5ffb887'
down_revision = '9ecf52ad9b26'
branch_labels = None
depends_on = None

FORMER_ACCOUNTS = "account IN ('stripe_balance', 'customer_payments', 'customer_refunds')"
FORMER_AMOUNT = "amount_cents <> 0 AND abs(amount_cents) <= 99999999"
ACCOUNTS = (
    "account IN ('stripe_balance', 'customer_payments', 'customer_refunds', 'disputes', 'stripe_fees', 'payouts', "
    "'not_ours')"
)


def upgrade() -> None:
    op.create_table('disputes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('payment_id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('booking_number', sa.Text(), nullable=False),
    sa.Column('stripe_dispute_id', sa.Text(), nullable=False),
    sa.Column('stripe_status', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name='disputes_closed'),
    sa.CheckConstraint("status IN ('open', 'won', 'lost')", name='disputes_status'),
    sa.CheckConstraint('amount_cents BETWEEN 1 AND 99999999', name='disputes_amount'),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('stripe_dispute_id')
    )
    op.create_index('disputes_of_payment', 'disputes', ['payment_id'], unique=False)
    op.alter_column('ledger_entries', 'payment_id',
               existing_type=sa.UUID(),
               nullable=True)
    op.create_index('ledger_entries_newest', 'ledger_entries', ['booked_at'], unique=False)
    for name, rule in (("account", ACCOUNTS), ("amount", "amount_cents <> 0")):
        op.drop_constraint(f"ledger_entries_{name}", "ledger_entries")
        op.create_check_constraint(f"ledger_entries_{name}", "ledger_entries", rule)


def downgrade() -> None:
    for name, rule in (("account", FORMER_ACCOUNTS), ("amount", FORMER_AMOUNT)):
        op.drop_constraint(f"ledger_entries_{name}", "ledger_entries")
        op.create_check_constraint(f"ledger_entries_{name}", "ledger_entries", rule)
    op.drop_index('ledger_entries_newest', table_name='ledger_entries')
    op.alter_column('ledger_entries', 'payment_id',
               existing_type=sa.UUID(),
               nullable=False)
    op.drop_index('disputes_of_payment', table_name='disputes')
    op.drop_table('disputes')
