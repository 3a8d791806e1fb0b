"""whether a room is there still, and since when it is not"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "room", sa.Column("state", sa.String(length=10), nullable=False, server_default=sa.text("'kept'"))
    )
    op.add_column("room", sa.Column("gone_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("room", "gone_on")
    op.drop_column("room", "state")
