"""the version under which a step was done, for cases that have moved to another one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("step") as step:
        step.add_column(sa.Column("version_id", sa.Integer(), nullable=True))
        step.create_foreign_key(op.f("fk_step_version_id"), "procedure_version", ["version_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("step") as step:
        step.drop_constraint(op.f("fk_step_version_id"), type_="foreignkey")
        step.drop_column("version_id")
