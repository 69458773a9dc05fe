"""What happened across charges is found by its time

Revision: 0005
Follows: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_evidence_events_at", "evidence_events", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_evidence_events_at", table_name="evidence_events")
