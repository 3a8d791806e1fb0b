"""A project as the register keeps it; every change of size is a new row."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from casework.db import Base, Json, Moment
from casework.people import Organisation
from casework.words import Words, _

BUILDING_TYPES: dict[str, Words] = {
    "多层": _("多层"),
    "高层": _("高层"),
    "混合": _("混合"),
    "别墅": _("别墅"),
    "非住宅": _("非住宅"),
}
PROPERTY_CLASSES: dict[str, Words] = {
    "市场化": _("市场化管理"),
    "单位自管": _("单位自管"),
    "老旧": _("老旧小区（不具备市场化条件）"),
    "经济适用房": _("经济适用房"),
    "失管": _("失管小区"),
}
SALE_MODES: dict[str, Words] = {"预售": _("预售"), "现售": _("现售"), "不出售": _("不出售")}
#: The figures a change of which is kept as a new version: limits and ratios rest on them.
SIZES = ("gfa_total", "gfa_above", "gfa_residential", "gfa_nonresidential", "state_share", "building_type")


class Hundredths(TypeDecorator[Decimal]):
    """A number with two decimals (m², %), exact on both databases: stored as a whole number of hundredths."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        hundredths = Decimal(value) * 100
        if hundredths != int(hundredths):
            raise ValueError(f"more than two decimals: {value}")
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Project(Base):
    """One property project (物业项目) with the figures now in force."""

    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(120), default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    #: none for an old community that its street registers
    developer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    street_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    #: 业主委员会, once the owners' assembly is founded
    owners_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    gfa_total: Mapped[Decimal] = mapped_column(Hundredths)
    gfa_above: Mapped[Decimal | None] = mapped_column(Hundredths)
    gfa_residential: Mapped[Decimal | None] = mapped_column(Hundredths)
    gfa_nonresidential: Mapped[Decimal | None] = mapped_column(Hundredths)
    building_type: Mapped[str] = mapped_column(sa.String(10), default="")
    buildings: Mapped[int | None]
    households: Mapped[int | None]
    state_share: Mapped[Decimal | None] = mapped_column(Hundredths)
    property_class: Mapped[str] = mapped_column(sa.String(10), default="市场化")
    sale_mode: Mapped[str] = mapped_column(sa.String(10), default="")
    delivery_planned: Mapped[date | None]
    #: 建设工程规划许可证号: one permit, one project
    permit_no: Mapped[str] = mapped_column(sa.String(40), default="", index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    size_version: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime] = mapped_column(Moment)

    developer: Mapped[Organisation | None] = relationship(foreign_keys=developer_id)
    street: Mapped[Organisation] = relationship(foreign_keys=street_id)
    community: Mapped[Organisation | None] = relationship(foreign_keys=community_id)
    enterprise: Mapped[Organisation | None] = relationship(foreign_keys=enterprise_id)
    owners: Mapped[Organisation | None] = relationship(foreign_keys=owners_id)

    def label(self, lang: str) -> str:
        """Its name in the reader's language; the Chinese name is the registered one."""
        return (self.name_en if lang == "en" else "") or self.name


class SizeRecord(Base):
    """One version of a project's figures: what was recorded, why, on which paper, by whom. Never changed."""

    __tablename__ = "project_size"
    __table_args__ = (sa.UniqueConstraint("project_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    version: Mapped[int]
    sizes: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(sa.String(500))
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))


def facts(project: Project) -> dict[str, Any]:
    """What the register says of a project; parties are ids of organisations, their names stand beside."""
    names = ("developer", "street", "community", "enterprise", "owners")
    parties = {name: getattr(project, name) for name in names}
    return {
        **project.facts,
        "id": project.id,
        "code": project.code,
        "name": project.name,
        "name_en": project.name_en,
        "address": project.address,
        **sizes(project),
        "buildings": project.buildings,
        "households": project.households,
        "property_class": project.property_class,
        "sale_mode": project.sale_mode,
        "delivery_planned": project.delivery_planned,
        "permit_no": project.permit_no,
        "size_version": project.size_version,
        **{name: party.id if party else None for name, party in parties.items()},
        **{f"{name}_name": party.name if party else "" for name, party in parties.items()},
    }


def sizes(project: Project) -> dict[str, Any]:
    """The figures limits and ratios rest on, as they are now."""
    return {key: getattr(project, key) for key in SIZES}
