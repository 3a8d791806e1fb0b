"""the facts of a case in a table of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_facts",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_facts_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_facts")),
    )
    op.execute('INSERT INTO case_facts (case_id, facts) SELECT id, facts FROM "case"')
    op.drop_column("case", "facts")


def downgrade() -> None:
    # a default, for the rows are there before their facts are
    op.add_column("case", sa.Column("facts", sa.Text(), nullable=False, server_default="{}"))
    op.execute(
        'UPDATE "case" SET facts = (SELECT case_facts.facts FROM case_facts WHERE case_facts.case_id = "case".id)'
    )
    op.drop_table("case_facts")
