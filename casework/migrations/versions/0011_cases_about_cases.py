"""a draft may be about another case; the cases about a case are found at once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_draft_about_id"), "case", ["about_id"], ["id"])
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index("ix_case_kind", ["key", "id"], unique=False)
        batch_op.create_index("ix_case_about", ["parent_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index("ix_case_about")
        batch_op.drop_index("ix_case_kind")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_draft_about_id"), type_="foreignkey")
        batch_op.drop_column("about_id")
