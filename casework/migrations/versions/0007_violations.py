"""violations: leads about developers without award or approval, and what was found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "violation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("developer_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("enterprise", sa.String(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("facts", sa.String(length=1000), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_violation_case_id")),
        sa.ForeignKeyConstraint(
            ["developer_id"], ["organisation.id"], name=op.f("fk_violation_developer_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_violation_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation")),
        sa.UniqueConstraint("case_id", name=op.f("uq_violation_case_id")),
    )
    with op.batch_alter_table("violation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_violation_developer_id"), ["developer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_violation_project_id"), ["project_id"], unique=False)

    op.create_table(
        "violation_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("violation_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("found_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_violation_finding_post_id")),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["violation.id"], name=op.f("fk_violation_finding_violation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation_finding")),
        sa.UniqueConstraint("violation_id", name=op.f("uq_violation_finding_violation_id")),
    )


def downgrade() -> None:
    op.drop_table("violation_finding")
    with op.batch_alter_table("violation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_violation_project_id"))
        batch_op.drop_index(batch_op.f("ix_violation_developer_id"))

    op.drop_table("violation")
