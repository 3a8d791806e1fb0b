"""a paper that was not used in time has lapsed, which is not the same as taken back"""

from __future__ import annotations

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow("state IN ('genuine', 'superseded', 'withdrawn', 'lapsed')")


def downgrade() -> None:
    op.execute("UPDATE paper SET state = 'withdrawn' WHERE state = 'lapsed'")
    _allow("state IN ('genuine', 'superseded', 'withdrawn')")


def _allow(states: str) -> None:
    with op.batch_alter_table("paper") as paper:
        paper.drop_constraint(op.f("ck_paper_state"), type_="check")
        paper.create_check_constraint(op.f("ck_paper_state"), states)
