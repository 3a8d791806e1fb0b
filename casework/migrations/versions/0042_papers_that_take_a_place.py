"""the paper that stands in the place of another one is looked up by index, not by reading every paper"""

from __future__ import annotations

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_paper_supersedes_id"), "paper", ["supersedes_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_paper_supersedes_id"), table_name="paper")
