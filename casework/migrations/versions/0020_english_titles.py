"""English titles of cases and letters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("title_en", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("letter", sa.Column("subject_en", sa.String(length=300), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("letter", "subject_en")
    op.drop_column("case", "title_en")
