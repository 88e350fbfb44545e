"""visibility rows that hold now have an index of their own"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_case_scope_tenant_scope', table_name='case_scope')
    op.create_index(
        'ix_case_scope_tenant_live', 'case_scope',
        ['tenant_id', 'scope_id', sa.literal_column('reported_at DESC'), sa.literal_column('case_id DESC')],
        unique=False, postgresql_where=sa.text('until IS NULL'),
    )
