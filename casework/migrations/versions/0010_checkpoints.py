"""checkpoints: signatures over the ends of all records"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "checkpoint_leaf",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_checkpoint_leaf_case_id")),
        sa.ForeignKeyConstraint(["number"], ["checkpoint.number"], name=op.f("fk_checkpoint_leaf_number")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_checkpoint_leaf")),
    )
    op.create_index(op.f("ix_checkpoint_leaf_number"), "checkpoint_leaf", ["number"])


def downgrade() -> None:
    op.drop_table("checkpoint_leaf")
    op.drop_table("checkpoint")
