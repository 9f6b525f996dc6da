"""keep cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '9ecf52ad9b26'
down_revision = '5f17a2c20d14'
branch_labels = None
depends_on = None

def upgrade() -> None:

    op.create_table('stripe_customers',
    sa.Column('customer_id', sa.UUID(), nullable=False),
    sa.Column('stripe_customer_id', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('forget_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('forgotten_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('customer_id'),
    sa.UniqueConstraint('stripe_customer_id')
    )
    op.create_index('stripe_customers_to_forget', 'stripe_customers', ['forget_at'], unique=False, postgresql_where=sa.text('forget_at IS NOT NULL'))
    op.create_table('saved_cards',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('customer_id', sa.UUID(), nullable=False),
    sa.Column('stripe_payment_method_id', sa.Text(), nullable=False),
    sa.Column('brand', sa.Text(), nullable=False),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.Column('exp_month', sa.SmallInteger(), nullable=False),
    sa.Column('exp_year', sa.SmallInteger(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('detach_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('NOT (is_default AND removed_at IS NOT NULL)', name='saved_cards_removed_default'),
    sa.CheckConstraint('exp_month BETWEEN 1 AND 12', name='saved_cards_month'),
    sa.ForeignKeyConstraint(['customer_id'], ['stripe_customers.customer_id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('stripe_payment_method_id')
    )
    op.create_index('saved_cards_of_customer', 'saved_cards', ['customer_id'], unique=False)
    op.create_index('saved_cards_one_default', 'saved_cards', ['customer_id'], unique=True, postgresql_where=sa.text('is_default'))
    op.create_index('saved_cards_to_detach', 'saved_cards', ['detach_at'], unique=False, postgresql_where=sa.text('detach_at IS NOT NULL'))

def downgrade() -> None:

    op.drop_index('saved_cards_to_detach', table_name='saved_cards', postgresql_where=sa.text('detach_at IS NOT NULL'))
    op.drop_index('saved_cards_one_default', table_name='saved_cards', postgresql_where=sa.text('is_default'))
    op.drop_index('saved_cards_of_customer', table_name='saved_cards')
    op.drop_table('saved_cards')
    op.drop_index('stripe_customers_to_forget', table_name='stripe_customers', postgresql_where=sa.text('forget_at IS NOT NULL'))
    op.drop_table('stripe_customers')

