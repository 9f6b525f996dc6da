"""keep second factors and tokens of links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'cfe6fc366ae5'
down_revision = '95d5ce13980e'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reset_requests',
    sa.Column('account_kind', sa.Text(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("account_kind IN ('customer', 'staff')", name='kind_known'),
    sa.PrimaryKeyConstraint('account_kind', 'email')
    )
    op.create_table('account_tokens',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('account_id', sa.UUID(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('access_version', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("purpose IN ('verify_email', 'reset_password', 'invitation', 'login')", name='purpose_known'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_sha256')
    )
    op.create_index('account_tokens_account', 'account_tokens', ['account_id'], unique=False)
    op.create_index('account_tokens_age', 'account_tokens', ['expires_at'], unique=False)
    op.create_index('account_tokens_newest', 'account_tokens', ['account_id', 'purpose'], unique=True, postgresql_where=sa.text("purpose <> 'login'"))
    op.create_table('recovery_codes',
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('code_sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id', 'code_sha256')
    )
    op.create_table('second_factors',
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('secret_sealed', sa.Text(), nullable=True),
    sa.Column('new_secret_sealed', sa.Text(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(secret_sealed IS NULL) = (confirmed_at IS NULL)', name='confirmed_whole'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id')
    )
    op.add_column('staff', sa.Column('is_invited', sa.Boolean(), server_default='false', nullable=False))


def downgrade() -> None:
    op.drop_column('staff', 'is_invited')
    op.drop_table('second_factors')
    op.drop_table('recovery_codes')
    op.drop_index('account_tokens_newest', table_name='account_tokens', postgresql_where=sa.text("purpose <> 'login'"))
    op.drop_index('account_tokens_age', table_name='account_tokens')
    op.drop_index('account_tokens_account', table_name='account_tokens')
    op.drop_table('account_tokens')
    op.drop_table('reset_requests')
