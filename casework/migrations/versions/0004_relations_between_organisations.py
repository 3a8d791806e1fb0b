"""relations between organisations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standing_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("upper_id", sa.Integer(), nullable=True),
        sa.Column("upper_name", sa.String(length=200), nullable=False),
        sa.Column("upper_code", sa.String(length=18), nullable=False),
        sa.Column("lower_id", sa.Integer(), nullable=True),
        sa.Column("lower_name", sa.String(length=200), nullable=False),
        sa.Column("lower_code", sa.String(length=18), nullable=False),
        sa.Column("share", sa.String(length=10), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_standing_relation_file_id")),
        sa.ForeignKeyConstraint(
            ["lower_id"], ["organisation.id"], name=op.f("fk_standing_relation_lower_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_standing_relation_post_id")),
        sa.ForeignKeyConstraint(
            ["upper_id"], ["organisation.id"], name=op.f("fk_standing_relation_upper_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_relation")),
    )
    with op.batch_alter_table("standing_relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standing_relation_lower_id"), ["lower_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_standing_relation_upper_id"), ["upper_id"], unique=False)

    op.create_table(
        "standing_relation_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_standing_relation_end_post_id")),
        sa.ForeignKeyConstraint(
            ["relation_id"],
            ["standing_relation.id"],
            name=op.f("fk_standing_relation_end_relation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_relation_end")),
        sa.UniqueConstraint("relation_id", name=op.f("uq_standing_relation_end_relation_id")),
    )


def downgrade() -> None:
    op.drop_table("standing_relation_end")
    with op.batch_alter_table("standing_relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standing_relation_upper_id"))
        batch_op.drop_index(batch_op.f("ix_standing_relation_lower_id"))

    op.drop_table("standing_relation")
