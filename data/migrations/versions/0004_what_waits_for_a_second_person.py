"""What waits for a second person, and why an enrolment is paused

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("charge_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("asked_kind", sa.String(length=40), nullable=False),
        sa.Column("asked_id", sa.String(length=80), nullable=False),
        sa.Column("asked_name", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_kind", sa.String(length=40), server_default="", nullable=False),
        sa.Column("decided_id", sa.String(length=80), server_default="", nullable=False),
        sa.Column("decided_name", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_requests_amount")),
        sa.CheckConstraint("verb IN ('fire', 'refund')", name=op.f("ck_requests_verb")),
        sa.CheckConstraint(
            "state IN ('executed', 'refused', 'waiting', 'withdrawn')",
            name=op.f("ck_requests_state"),
        ),
        sa.CheckConstraint(
            "decided_id = '' OR decided_id <> asked_id OR state = 'withdrawn'",
            name=op.f("ck_requests_second_person"),
        ),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_requests_charge_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_requests_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_charge_id"), "requests", ["charge_id"], unique=False)
    op.create_index(op.f("ix_requests_customer_id"), "requests", ["customer_id"], unique=False)
    op.create_index("ix_requests_state", "requests", ["state", "asked_at"], unique=False)
    op.add_column(
        "enrolments",
        sa.Column("paused_why", sa.String(length=40), server_default="", nullable=False),
    )
