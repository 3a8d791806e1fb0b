"""room for sealed secrets of one-time codes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch:
        for name in ("totp_secret", "totp_pending"):
            batch.alter_column(
                name, existing_type=sa.String(64), type_=sa.String(200), existing_nullable=True
            )


def downgrade() -> None:
    with op.batch_alter_table("user_account") as batch:
        for name in ("totp_secret", "totp_pending"):
            batch.alter_column(
                name, existing_type=sa.String(200), type_=sa.String(64), existing_nullable=True
            )
