"""for which organisation a person reads a letter"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("letter") as letter:
        letter.add_column(sa.Column("organisation_id", sa.Integer(), nullable=True))
        letter.create_foreign_key(
            op.f("fk_letter_organisation_id"), "organisation", ["organisation_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("letter") as letter:
        letter.drop_constraint(op.f("fk_letter_organisation_id"), type_="foreignkey")
        letter.drop_column("organisation_id")
