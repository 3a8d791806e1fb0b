"""which applications the drawing of a case has begun"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("begun_at", sa.String(length=27), nullable=True))
    op.create_index("ix_draft_about", "draft", ["about_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_draft_about", table_name="draft")
    op.drop_column("draft", "begun_at")
