"""add history discount codes redemptions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'b00ff3ed4ebc'
down_revision = 'e601886be946'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('catalog_changes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('catalog_version', sa.Integer(), nullable=True),
    sa.Column('entity_type', sa.Text(), nullable=False),
    sa.Column('entity_id', sa.UUID(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('changed_by', sa.UUID(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("action IN ('loaded', 'created', 'changed', 'deactivated')", name=op.f('catalog_changes_action')),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('catalog_changes_newest', 'catalog_changes', [sa.literal_column('changed_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('catalog_changes_of_entity', 'catalog_changes', ['entity_id', sa.literal_column('changed_at DESC')], unique=False)
    op.create_table('discount_codes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('discount_type', sa.Text(), nullable=False),
    sa.Column('value', sa.Numeric(precision=10, scale=2), nullable=False),
    sa.Column('max_uses', sa.Integer(), nullable=True),
    sa.Column('max_uses_per_customer', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minimum_order_cents', sa.Integer(), nullable=False),
    sa.Column('maximum_discount_cents', sa.Integer(), nullable=True),
    sa.Column('allowed_service_types', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("discount_type = 'percentage' AND value BETWEEN 0.01 AND 100 OR discount_type = 'fixed' AND value BETWEEN 1 AND 99999999 AND value = trunc(value)", name=op.f('discount_codes_value')),
    sa.CheckConstraint("discount_type IN ('percentage', 'fixed')", name=op.f('discount_codes_discount_type')),
    sa.CheckConstraint('code = upper(code)', name=op.f('discount_codes_upper_case')),
    sa.CheckConstraint('max_uses BETWEEN 1 AND 1000000', name=op.f('discount_codes_max_uses')),
    sa.CheckConstraint('max_uses_per_customer BETWEEN 1 AND 1000000', name=op.f('discount_codes_max_uses_per_customer')),
    sa.CheckConstraint('maximum_discount_cents BETWEEN 0 AND 99999999', name=op.f('discount_codes_maximum_discount_cents')),
    sa.CheckConstraint('minimum_order_cents BETWEEN 0 AND 99999999', name=op.f('discount_codes_minimum_order_cents')),
    sa.CheckConstraint('valid_until IS NULL OR valid_until > valid_from', name=op.f('discount_codes_validity')),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code', name=op.f('discount_codes_code_key'))
    )
    op.create_table('redemptions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('customer_id', sa.UUID(), nullable=True),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('released', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('redemptions_of_code', 'redemptions', ['code_id'], unique=False, postgresql_where=sa.text('NOT released'))
    # Versions published before there was a history are its first entries.
    op.execute(
        "INSERT INTO catalog_changes (id, catalog_version, entity_type, action, description, changed_by, changed_at)"
        " SELECT gen_random_uuid(), version, 'catalogue', CASE WHEN version = 1 THEN 'loaded' ELSE 'changed' END,"
        " reason, changed_by, published_at FROM catalog_versions"
    )


def downgrade() -> None:
    op.drop_index('redemptions_of_code', table_name='redemptions', postgresql_where=sa.text('NOT released'))
    op.drop_table('redemptions')
    op.drop_table('discount_codes')
    op.drop_index('catalog_changes_of_entity', table_name='catalog_changes')
    op.drop_index('catalog_changes_newest', table_name='catalog_changes')
    op.drop_table('catalog_changes')
