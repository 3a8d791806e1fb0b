"""property-management areas"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("east", sa.String(length=200), nullable=False),
        sa.Column("south", sa.String(length=200), nullable=False),
        sa.Column("west", sa.String(length=200), nullable=False),
        sa.Column("north", sa.String(length=200), nullable=False),
        sa.Column("land_area", sa.BigInteger(), nullable=False),
        sa.Column("gfa_total", sa.BigInteger(), nullable=False),
        sa.Column("together", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_project_area_case_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_project_area_post_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_area_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_area")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_project_area_project_id_version")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("permit_no", sa.String(length=40), nullable=False, server_default=""))
        batch_op.alter_column("developer_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_index(batch_op.f("ix_project_permit_no"), ["permit_no"], unique=False)
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.alter_column("permit_no", existing_type=sa.String(length=40), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_permit_no"))
        batch_op.alter_column("developer_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("permit_no")
    op.drop_table("project_area")
