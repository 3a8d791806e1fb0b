"""The owners' committee of a project"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owners_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_project_owners_id"), ["owners_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_project_owners_id"), "organisation", ["owners_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_project_owners_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_project_owners_id"))
        batch_op.drop_column("owners_id")
