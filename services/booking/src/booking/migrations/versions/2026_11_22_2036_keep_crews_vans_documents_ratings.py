"""keep crews vans documents ratings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '645997112129'
down_revision = '8d1f0a6e3b57'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('crews',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('members', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('crews_name', 'crews', [sa.literal_column('lower(name)')], unique=True)
    op.create_table('file_removals',
    sa.Column('storage_key', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('storage_key')
    )
    op.create_index(op.f('ix_file_removals_due_at'), 'file_removals', ['due_at'], unique=False)
    op.create_table('vans',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('plate', sa.Text(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('capacity BETWEEN 1 AND 10000', name='vans_capacity'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('vans_name', 'vans', [sa.literal_column('lower(name)')], unique=True)
    op.create_index('vans_plate', 'vans', [sa.literal_column('lower(plate)')], unique=True)
    op.create_table('documents',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('storage_key', sa.Text(), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('visible_to_customer', sa.Boolean(), nullable=False),
    sa.Column('uploaded_by', sa.Text(), nullable=False),
    sa.Column('uploaded_by_id', sa.UUID(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('coi', 'invoice', 'photo', 'signature', 'other')", name='documents_kind'),
    sa.CheckConstraint("uploaded_by IN ('staff', 'crew', 'system')", name='documents_uploaded_by'),
    sa.CheckConstraint('size_bytes BETWEEN 1 AND 15000000', name='documents_size'),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('storage_key')
    )
    op.create_index('documents_same_file', 'documents', ['booking_id', 'kind', 'sha256'], unique=True)
    op.create_table('ratings',
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('rating', sa.SmallInteger(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('rated_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("rated_by IN ('customer', 'guest')", name='ratings_rated_by'),
    sa.CheckConstraint('rating BETWEEN 1 AND 5', name='ratings_rating'),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], ),
    sa.PrimaryKeyConstraint('booking_id')
    )
    op.create_index('ratings_newest', 'ratings', [sa.literal_column('created_at DESC')], unique=False)
    op.create_table('stop_reports',
    sa.Column('booking_id', sa.UUID(), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('crew_id', sa.UUID(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("step IN ('on_the_way', 'picked_up', 'delivered')", name='stop_reports_step'),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], ),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], ),
    sa.PrimaryKeyConstraint('booking_id', 'step')
    )
    op.add_column('bookings', sa.Column('crew_id', sa.UUID(), nullable=True))
    op.add_column('bookings', sa.Column('crew_name', sa.Text(), server_default='', nullable=False))
    op.add_column('bookings', sa.Column('van_id', sa.UUID(), nullable=True))
    op.add_column('bookings', sa.Column('van_name', sa.Text(), server_default='', nullable=False))
    op.add_column('bookings', sa.Column('stop_sequence', sa.Integer(), server_default='0', nullable=False))
    # The new columns hold nothing yet, so neither the keys nor the partial indexes keep writers waiting.
    for resource in ('crew', 'van'):
        op.create_foreign_key(
            f'bookings_{resource}_id_fkey', 'bookings', f'{resource}s', [f'{resource}_id'], ['id']
        )
        op.create_index(
            f'bookings_of_{resource}',
            'bookings',
            [f'{resource}_id', 'pickup_date'],
            postgresql_where=sa.text(f'{resource}_id IS NOT NULL'),
        )


def downgrade() -> None:
    op.drop_constraint('bookings_van_id_fkey', 'bookings', type_='foreignkey')
    op.drop_constraint('bookings_crew_id_fkey', 'bookings', type_='foreignkey')
    op.drop_index('bookings_of_van', table_name='bookings', postgresql_where=sa.text('van_id IS NOT NULL'))
    op.drop_index('bookings_of_crew', table_name='bookings', postgresql_where=sa.text('crew_id IS NOT NULL'))
    op.drop_column('bookings', 'stop_sequence')
    op.drop_column('bookings', 'van_name')
    op.drop_column('bookings', 'van_id')
    op.drop_column('bookings', 'crew_name')
    op.drop_column('bookings', 'crew_id')
    op.drop_table('stop_reports')
    op.drop_index('ratings_newest', table_name='ratings')
    op.drop_table('ratings')
    op.drop_index('documents_same_file', table_name='documents')
    op.drop_table('documents')
    op.drop_index('vans_plate', table_name='vans')
    op.drop_index('vans_name', table_name='vans')
    op.drop_table('vans')
    op.drop_index(op.f('ix_file_removals_due_at'), table_name='file_removals')
    op.drop_table('file_removals')
    op.drop_index('crews_name', table_name='crews')
    op.drop_table('crews')
