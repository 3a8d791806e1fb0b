"""what becomes of cases that have been kept long enough"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_appraisal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.String(length=10), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=300), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_archive_appraisal_case_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_archive_appraisal_organisation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_archive_appraisal_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_appraisal")),
    )
    op.create_index(op.f("ix_archive_appraisal_case_id"), "archive_appraisal", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_archive_appraisal_organisation_id"), "archive_appraisal", ["organisation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("archive_appraisal")
