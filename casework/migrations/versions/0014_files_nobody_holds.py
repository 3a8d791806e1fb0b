"""files that nothing holds yet"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("file", sa.Column("pending_until", sa.String(length=27), nullable=True))
    op.create_index(op.f("ix_file_pending_until"), "file", ["pending_until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_file_pending_until"), "file")
    op.drop_column("file", "pending_until")
