"""rooms, facilities, their records and versions, service contracts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.engine import values

revision = "0031"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "facility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("location", sa.String(length=100), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("maker", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_facility_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("project_id", "code", name=op.f("uq_facility_project_id_code")),
    )
    op.create_index("ix_facility_next_due", "facility", ["next_due", "id"], unique=False)
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("building", sa.String(length=30), nullable=False),
        sa.Column("floor", sa.String(length=20), nullable=False),
        sa.Column("door", sa.String(length=60), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("above_ground", sa.Boolean(), nullable=True),
        sa.Column("water", sa.Boolean(), nullable=True),
        sa.Column("power", sa.Boolean(), nullable=True),
        sa.Column("ventilation", sa.Boolean(), nullable=True),
        sa.Column("lighting", sa.Boolean(), nullable=True),
        sa.Column("certificate_no", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("use", sa.String(length=60), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("mode_until", sa.Date(), nullable=True),
        sa.Column("held_by", sa.Integer(), nullable=True),
        sa.Column("held_since", sa.Date(), nullable=True),
        sa.Column("handed_over_in", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["held_by"], ["organisation.id"], name=op.f("fk_room_held_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_room_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("project_id", "code", name=op.f("uq_room_project_id_code")),
    )
    op.create_index(op.f("ix_room_held_by"), "room", ["held_by"], unique=False)
    op.create_index("ix_room_mode_until", "room", ["mode_until", "id"], unique=False)
    op.create_table(
        "facility_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("by_whom", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_facility_record_facility_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_facility_record_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_record")),
        sa.UniqueConstraint(
            "facility_id",
            "kind",
            "done_on",
            "no",
            name=op.f("uq_facility_record_facility_id_kind_done_on_no"),
        ),
    )
    op.create_index("ix_facility_record_done_on", "facility_record", ["done_on", "id"], unique=False)
    op.create_index(
        "ix_facility_record_project_id", "facility_record", ["project_id", "done_on", "id"], unique=False
    )
    op.create_table(
        "service_contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_service_contract_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_service_contract_post_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_service_contract_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_contract")),
    )
    op.create_index("ix_service_contract_ends_on", "service_contract", ["ends_on", "id"], unique=False)
    op.create_index(
        op.f("ix_service_contract_enterprise_id"), "service_contract", ["enterprise_id"], unique=False
    )
    op.create_index(op.f("ix_service_contract_project_id"), "service_contract", ["project_id"], unique=False)
    op.create_table(
        "sheet_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=10), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=150), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_sheet_import_file_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_sheet_import_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_import")),
    )
    op.create_index(op.f("ix_sheet_import_post_id"), "sheet_import", ["post_id"], unique=False)
    op.create_table(
        "part_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=10), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_part_version_case_id")),
        sa.ForeignKeyConstraint(["import_id"], ["sheet_import.id"], name=op.f("fk_part_version_import_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_part_version_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_version")),
        sa.UniqueConstraint(
            "register", "part_id", "version", name=op.f("uq_part_version_register_part_id_version")
        ),
    )
    _contracts()


def _contracts() -> None:
    """The contracts that projects already remember; in the name of the first clerk of a bureau."""
    here = op.get_bind()
    clerk = here.execute(
        sa.text(
            "SELECT post.id, organisation.name FROM post JOIN organisation ON organisation.id = post.organisation_id "
            "WHERE organisation.kind = 'bureau' AND post.role IN ('window', 'examiner', 'head') ORDER BY post.id"
        )
    ).first()
    rows = here.execute(sa.text("SELECT id, enterprise_id, facts, registered_at FROM project")).all()
    if clerk is None:
        return
    for project in rows:
        kept = (values.loads(project.facts) if project.facts else {}).get("service_contract")
        if kept and project.enterprise_id:
            here.execute(
                sa.text(
                    "INSERT INTO service_contract (project_id, enterprise_id, number, starts_on, ends_on, "
                    "case_number, recorded_at, post_id, recorded_by) "
                    "VALUES (:project, :enterprise, :number, :starts, :ends, :case, :at, :post, :by)"
                ),
                {
                    "project": project.id,
                    "enterprise": project.enterprise_id,
                    "number": str(kept.get("number") or ""),
                    "starts": kept["starts_on"].isoformat() if kept.get("starts_on") else None,
                    "ends": kept["ends_on"].isoformat() if kept.get("ends_on") else None,
                    "case": str(kept.get("case") or ""),
                    "at": project.registered_at,
                    "post": clerk.id,
                    "by": clerk.name,
                },
            )


def downgrade() -> None:
    op.drop_table("part_version")
    op.drop_index(op.f("ix_sheet_import_post_id"), table_name="sheet_import")
    op.drop_table("sheet_import")
    op.drop_index(op.f("ix_service_contract_project_id"), table_name="service_contract")
    op.drop_index(op.f("ix_service_contract_enterprise_id"), table_name="service_contract")
    op.drop_index("ix_service_contract_ends_on", table_name="service_contract")
    op.drop_table("service_contract")
    op.drop_index("ix_facility_record_project_id", table_name="facility_record")
    op.drop_index("ix_facility_record_done_on", table_name="facility_record")
    op.drop_table("facility_record")
    op.drop_index("ix_room_mode_until", table_name="room")
    op.drop_index(op.f("ix_room_held_by"), table_name="room")
    op.drop_table("room")
    op.drop_index("ix_facility_next_due", table_name="facility")
    op.drop_table("facility")
