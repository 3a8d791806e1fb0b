"""sealed bids"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bid_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_bid_draft_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_draft")),
        sa.UniqueConstraint("case_id", "pseudonym", name=op.f("uq_bid_draft_case_id_pseudonym")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("bid_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_draft_case_id"), ["case_id"], unique=False)

    op.create_table(
        "bid_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("public", sa.String(length=130), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("proved_at", sa.String(length=27), nullable=True),
        sa.Column("released", sa.Text(), nullable=True),
        sa.Column("released_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_bid_key_case_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bid_key_organisation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_bid_key_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_key")),
        sa.UniqueConstraint("case_id", "organisation_id", name=op.f("uq_bid_key_case_id_organisation_id")),
    )
    op.create_table(
        "bid_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("answered_post_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_post_id"], ["post.id"], name=op.f("fk_bid_objection_answered_post_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_bid_objection_case_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bid_objection_organisation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_bid_objection_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_objection")),
    )
    with op.batch_alter_table("bid_objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_objection_case_id"), ["case_id"], unique=False)

    op.create_table(
        "bid_question",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_bid_question_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_question")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("bid_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_question_case_id"), ["case_id"], unique=False)

    op.create_table(
        "bid_refusal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_bid_refusal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_refusal")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("bid_refusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_refusal_case_id"), ["case_id"], unique=False)

    op.create_table(
        "bidding",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("tender", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("closes_at", sa.String(length=27), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("reconfirm_since", sa.String(length=27), nullable=True),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("shut", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("leaves", sa.Text(), nullable=True),
        sa.Column("lost", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_bidding_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_bidding")),
        sa.UniqueConstraint("tender", name=op.f("uq_bidding_tender")),
    )
    op.create_table(
        "opened_bid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("invalid", sa.Text(), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("placed_at", sa.String(length=27), nullable=False),
        sa.Column("sealed_by", sa.String(length=10), nullable=False),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("flaws", sa.Text(), nullable=True),
        sa.Column("marks", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_opened_bid_case_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_opened_bid_organisation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_opened_bid_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opened_bid")),
        sa.UniqueConstraint("case_id", "no", name=op.f("uq_opened_bid_case_id_no")),
    )
    op.create_table(
        "sealed",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_sealed_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed")),
        sa.UniqueConstraint("case_id", "pseudonym", name=op.f("uq_sealed_case_id_pseudonym")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sealed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sealed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_case_id"))

    op.drop_table("sealed")
    op.drop_table("opened_bid")
    op.drop_table("bidding")
    with op.batch_alter_table("bid_refusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_refusal_case_id"))

    op.drop_table("bid_refusal")
    with op.batch_alter_table("bid_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_question_case_id"))

    op.drop_table("bid_question")
    with op.batch_alter_table("bid_objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_objection_case_id"))

    op.drop_table("bid_objection")
    op.drop_table("bid_key")
    with op.batch_alter_table("bid_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_draft_case_id"))

    op.drop_table("bid_draft")
