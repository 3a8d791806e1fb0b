"""packages of closed cases, and the PDF/A of their papers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=300), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.String(length=27), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("made_at", sa.String(length=27), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("lacks", sa.Text(), nullable=True),
        sa.Column("retention", sa.String(length=20), nullable=False),
        sa.Column("destroy_after", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_archive_package_case_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_archive_package_post_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_archive_package_organisation_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_archive_package_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_package")),
    )
    op.create_index(op.f("ix_archive_package_case_id"), "archive_package", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_archive_package_organisation_id"), "archive_package", ["organisation_id"], unique=False
    )
    op.create_table(
        "archive_pdf",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_archive_pdf_paper_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_archive_pdf_file_id")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_archive_pdf")),
    )


def downgrade() -> None:
    op.drop_table("archive_pdf")
    op.drop_table("archive_package")
