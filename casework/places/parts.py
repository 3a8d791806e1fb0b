"""What belongs to a project: its rooms, its facilities and equipment, and what was done to them.

Each is one row with what holds now, unique in its project by its code; every change is a further version
with who, when, why and from which case or imported table.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship
from sqlalchemy.orm.attributes import get_history

from casework.db import Base, Json, Moment
from casework.people import Organisation
from casework.places.project import Hundredths, Project


class Room(Base):
    """A room for the management, the owners or the community (物业管理用房、社区用房)."""

    __tablename__ = "room"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "code"),
        sa.Index("ix_room_mode_until", "mode_until", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    code: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(60))
    building: Mapped[str] = mapped_column(sa.String(30), default="")
    floor: Mapped[str] = mapped_column(sa.String(20), default="")
    door: Mapped[str] = mapped_column(sa.String(60), default="")
    area: Mapped[Decimal] = mapped_column(Hundredths)
    height: Mapped[Decimal | None] = mapped_column(Hundredths)
    above_ground: Mapped[bool | None]
    water: Mapped[bool | None]
    power: Mapped[bool | None]
    ventilation: Mapped[bool | None]
    lighting: Mapped[bool | None]
    certificate_no: Mapped[str] = mapped_column(sa.String(60), default="")
    owner: Mapped[str] = mapped_column(sa.String(12), default="")
    use: Mapped[str] = mapped_column(sa.String(60), default="")
    #: how it is provided (rules.md 1.19), and until when it may be rented or lent
    mode: Mapped[str] = mapped_column(sa.String(10), default="allotted")
    mode_until: Mapped[date | None]
    held_by: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    held_since: Mapped[date | None]
    #: whether it is there still: kept, returned to its lender, lost (demolished, rebuilt)
    state: Mapped[str] = mapped_column(sa.String(10), default="kept", server_default="kept")
    gone_on: Mapped[date | None]
    #: the number of the case that handed it over
    handed_over_in: Mapped[str] = mapped_column(sa.String(40), default="")
    version: Mapped[int] = mapped_column(default=1)

    project: Mapped[Project] = relationship()
    holder: Mapped[Organisation | None] = relationship()

    @property
    def place(self) -> str:
        """Building, floor and door, as one reads them out."""
        return " ".join(part for part in (self.building, self.floor, self.door) if part)


class Facility(Base):
    """A facility or a piece of equipment of a project (设施设备)."""

    __tablename__ = "facility"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "code"),
        sa.Index("ix_facility_next_due", "next_due", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    code: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(60))
    location: Mapped[str] = mapped_column(sa.String(100), default="")
    quantity: Mapped[Decimal] = mapped_column(Hundredths)
    unit: Mapped[str] = mapped_column(sa.String(10), default="")
    model: Mapped[str] = mapped_column(sa.String(60), default="")
    maker: Mapped[str] = mapped_column(sa.String(60), default="")
    owner: Mapped[str] = mapped_column(sa.String(12), default="")
    warranty_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(sa.String(10), default="use")
    version: Mapped[int] = mapped_column(default=1)
    #: the earliest day that its newest records of each kind name (casework/places/entering.py)
    next_due: Mapped[date | None]

    project: Mapped[Project] = relationship()


class FacilityRecord(Base):
    """What was done to a facility: run, checked, repaired, kept up (运行、检查、维修、保养记录)."""

    __tablename__ = "facility_record"
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "kind", "done_on", "no"),
        sa.Index("ix_facility_record_project_id", "project_id", "done_on", "id"),
        sa.Index("ix_facility_record_done_on", "done_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    facility_id: Mapped[int] = mapped_column(sa.ForeignKey("facility.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    on: Mapped[date] = mapped_column("done_on")
    #: which of the day's records of this kind
    no: Mapped[int] = mapped_column(default=1)
    what: Mapped[str] = mapped_column(sa.String(300))
    by_whom: Mapped[str] = mapped_column(sa.String(60), default="")
    result: Mapped[str] = mapped_column(sa.String(10), default="")
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    next_due: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    facility: Mapped[Facility] = relationship()
    project: Mapped[Project] = relationship()


#: One row of the three registers.
Part: TypeAlias = Room | Facility | FacilityRecord
#: The registers by the name under which versions and tables know them.
REGISTERS: dict[str, type[Part]] = {"room": Room, "facility": Facility, "record": FacilityRecord}


def mapper(model: type[Part]) -> Mapper[Any]:
    """The columns of a register."""
    found: Mapper[Any] = sa.inspect(model)
    return found


#: What a version keeps of each: everything that may be changed.
KEPT: dict[str, tuple[str, ...]] = {
    name: tuple(
        column.key
        for column in mapper(model).column_attrs
        if column.key not in {"id", "project_id", "facility_id", "version"}
        and (name != "facility" or column.key != "next_due")
    )
    for name, model in REGISTERS.items()
}


class Import(Base):
    """One table that somebody sent in: checked, shown, and then written as a whole, or not at all.

    `plan` is the SHA-256 of what was shown; what is written is exactly that.
    """

    __tablename__ = "sheet_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    register: Mapped[str] = mapped_column(sa.String(10))
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    file_name: Mapped[str] = mapped_column(sa.String(150))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    plan: Mapped[str] = mapped_column(sa.String(64))
    #: counts, first rows and notes, as the page shows them
    shown: Mapped[Any] = mapped_column(Json)
    checked_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"), index=True)
    recorded_by: Mapped[str] = mapped_column(sa.String(300))
    written_at: Mapped[datetime | None] = mapped_column(Moment, active_history=True)


class Version(Base):
    """One version of a room, a facility or a record: what it said, why, by whom. Never changed."""

    __tablename__ = "part_version"
    __table_args__ = (sa.UniqueConstraint("register", "part_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    register: Mapped[str] = mapped_column(sa.String(10))
    part_id: Mapped[int]
    version: Mapped[int]
    says: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(sa.String(500))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    import_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sheet_import.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))


class NeverRewritten(RuntimeError):
    """A version is evidence: another entry is another version, never an edit."""


def _kept(mapper: Mapper[Any], connection: sa.Connection, target: Version) -> None:
    raise NeverRewritten(f"{target.register} {target.part_id}, version {target.version}")


for _event in ("before_update", "before_delete"):
    sa.event.listen(Version, _event, _kept)


def _written(mapper: Mapper[Any], connection: sa.Connection, target: Import) -> None:
    """What was written stands with its file, its counts and its hour; only a preview may change."""
    if any(before is not None for before in get_history(target, "written_at").deleted or ()) or (
        target.written_at is not None and not get_history(target, "written_at").added
    ):
        raise NeverRewritten(f"import {target.id}")


for _event in ("before_update", "before_delete"):
    sa.event.listen(Import, _event, _written)


def says(part: Part) -> dict[str, Any]:
    """What a row says now, as a version keeps it."""
    return {name: getattr(part, name) for name in KEPT[register_of(part)]}


def register_of(part: Part) -> str:
    """The register a row stands in."""
    return next(name for name, model in REGISTERS.items() if isinstance(part, model))
