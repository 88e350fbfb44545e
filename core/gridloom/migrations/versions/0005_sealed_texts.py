"""sealed texts and their ledger, receivers of handovers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('matter_sealed',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('matter_id', sa.Uuid(), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'matter_id'], ['matter.tenant_id', 'matter.id'], name=op.f('fk_matter_sealed_tenant_id_matter_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_matter_sealed')),
    info={'access': 'edit'}
    )
    op.create_index('ix_matter_sealed_tenant_matter', 'matter_sealed', ['tenant_id', 'matter_id'], unique=False)
    op.create_table('matter_reading',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('matter_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('fields', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'matter_id'], ['matter.tenant_id', 'matter.id'], name=op.f('fk_matter_reading_tenant_id_matter_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'staff_id'], ['staff.tenant_id', 'staff.id'], name=op.f('fk_matter_reading_tenant_id_staff_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_matter_reading')),
    info={'access': 'append'}
    )
    op.create_index('ix_matter_reading_tenant_matter', 'matter_reading', ['tenant_id', 'matter_id', 'at'], unique=False)
    op.add_column('matter', sa.Column('receiver_plugin', sa.Text(), nullable=True))
    op.add_column('matter', sa.Column('receiver_element', sa.Text(), nullable=True))
    op.create_index('ix_matter_tenant_receiver', 'matter', ['tenant_id', 'receiver_plugin', 'receiver_element', 'at'], unique=False)
    for table in ('matter', 'mechanism_element'):  # row-level security holds for the owner too, and no county is named
        op.execute(f'ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY')
        op.execute(f"UPDATE {table} SET behaviour = 'handover_out' WHERE behaviour = 'handover'")
        op.execute(f'ALTER TABLE {table} FORCE ROW LEVEL SECURITY')


def downgrade() -> None:
    for table in ('matter', 'mechanism_element'):
        op.execute(f'ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY')
        op.execute(f"UPDATE {table} SET behaviour = 'handover' WHERE behaviour IN ('handover_out', 'handover_in')")
        op.execute(f'ALTER TABLE {table} FORCE ROW LEVEL SECURITY')
    op.drop_index('ix_matter_tenant_receiver', table_name='matter')
    op.drop_column('matter', 'receiver_element')
    op.drop_column('matter', 'receiver_plugin')
    op.drop_table('matter_reading')
    op.drop_table('matter_sealed')
