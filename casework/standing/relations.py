"""Who holds, controls or manages whom: written down by the bureau from a document; a new row ends one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from casework import clock
from casework.db import Base, Moment, db
from casework.errors import Conflict, NotYet, Unknown
from casework.people import Organisation, Post, district, subtree, territory
from casework.people.organisations import by_code, code_holds, plain, within
from casework.rules import rule
from casework.standing.finding import OFFICES
from casework.standing.record import written_once
from casework.words import Words, _

#: What can stand between two bodies. The first three run from the upper to the lower one.
RELATIONS: dict[str, Words] = {
    "holding": _("控股"),
    "control": _("实际控制"),
    "management": _("管理"),
    "namesake": _("负责人同名，经核实不是同一人"),
}
#: Relations that make the upper body answer for the lower one (招标投标法实施条例 第三十四条).
OVER = frozenset({"holding", "control", "management"})

#: A body as the graph of relations knows it: its row on the register, else its credit code, else its name.
Node = tuple[str, str | int]


class Relation(Base):
    """One relation with its dates and the document it was read in. Never changed."""

    __tablename__ = "standing_relation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    upper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    upper_name: Mapped[str] = mapped_column(sa.String(200))
    upper_code: Mapped[str] = mapped_column(sa.String(18), default="")
    lower_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    lower_name: Mapped[str] = mapped_column(sa.String(200))
    lower_code: Mapped[str] = mapped_column(sa.String(18), default="")
    share: Mapped[str] = mapped_column(sa.String(10), default="")
    begins: Mapped[date]
    document: Mapped[str] = mapped_column(sa.String(200))
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))

    end: Mapped[RelationEnd | None] = relationship(back_populates="relation", uselist=False, lazy="joined")

    def in_force(self, on: date) -> bool:
        """Whether it holds that day; the day it ends it does not."""
        return self.begins <= on and (self.end is None or on < self.end.ended_on)

    @property
    def nodes(self) -> tuple[Node, Node]:
        """The upper and the lower body."""
        return (
            node(self.upper_id, self.upper_code, self.upper_name),
            node(self.lower_id, self.lower_code, self.lower_name),
        )


class RelationEnd(Base):
    """From which day a relation holds no more, why, and on which document."""

    __tablename__ = "standing_relation_end"

    id: Mapped[int] = mapped_column(primary_key=True)
    relation_id: Mapped[int] = mapped_column(sa.ForeignKey("standing_relation.id"), unique=True)
    ended_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(500))
    document: Mapped[str] = mapped_column(sa.String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))

    relation: Mapped[Relation] = relationship(back_populates="end")


written_once(Relation, RelationEnd)


@dataclass(frozen=True)
class Body:
    """One side of a relation as the bureau writes it: on the register, or only named in the document."""

    name: str
    code: str = ""
    organisation_id: int | None = None


def node(organisation_id: int | None, code: str, name: str) -> Node:
    """How a body is known, the surest way first."""
    if organisation_id is not None:
        return ("id", organisation_id)
    return ("code", code) if code else ("name", plain(name))


@rule(_("单位关系由一方所在区的房管局工作人员登记和注销。"), basis=_("招标投标法实施条例 第三十四条"))
def relate(by: Post | None, one: Organisation) -> bool:
    """A clerk of the bureau in whose district one of the two stands on the register."""
    if by is None or by.organisation.kind != "bureau" or by.role not in {"window", "examiner", "head"}:
        return False
    home = district(by.organisation) or by.organisation.parent
    return home is not None and one.company and within(one, home.id)


def add_relation(
    kind: str,
    upper: Body,
    lower: Body,
    *,
    by: Post,
    begins: date,
    document: str,
    share: str = "",
    file_id: int | None = None,
) -> Relation:
    """Write a relation down."""
    upper, lower = _known(upper), _known(lower)
    _complete(kind, upper, lower, begins, document)
    ours = [db.session.get_one(Organisation, i) for i in (upper.organisation_id, lower.organisation_id) if i]
    if not any(relate(by, one) for one in ours):
        relate.ask(by, ours[0])
    new = Relation(
        kind=kind,
        upper_id=upper.organisation_id,
        upper_name=upper.name,
        upper_code=upper.code,
        lower_id=lower.organisation_id,
        lower_name=lower.name,
        lower_code=lower.code,
        share=share if kind == "holding" else "",
        begins=begins,
        document=document.strip(),
        file_id=file_id,
        recorded_at=clock.now(),
        post_id=by.id,
        recorded_by=f"{by.organisation.name} {by.user.name}",
    )
    db.session.add(new)
    db.session.flush()
    return new


def end_relation(one: Relation, *, by: Post, on: date, reason: str, document: str) -> RelationEnd:
    """From that day on the relation holds no more; the record of it stays."""
    if not keeps(by, one):
        raise Unknown
    if one.end is not None:
        raise Conflict(_("该关系已经注销。"))
    if on <= one.begins or on > clock.today():
        raise NotYet(_("终止日期须在起始日期之后，且不晚于今天。"))
    if not reason.strip() or not document.strip():
        raise NotYet(_("请写明终止的原因和依据的文件。"))
    new = RelationEnd(
        relation=one,
        ended_on=on,
        reason=reason.strip(),
        document=document.strip(),
        recorded_at=clock.now(),
        post_id=by.id,
        recorded_by=f"{by.organisation.name} {by.user.name}",
    )
    db.session.add(new)
    db.session.flush()
    return new


def keeps(by: Post | None, one: Relation) -> bool:
    """Whether this clerk keeps the relation: one side stands on the register of the own district."""
    sides = [db.session.get(Organisation, i) for i in (one.upper_id, one.lower_id) if i is not None]
    return any(relate(by, side) for side in sides if side is not None)


def find_relation(relation_id: int, *, by: Post | None) -> Relation:
    """A relation this visitor may read; Unknown otherwise."""
    one = db.session.get(Relation, relation_id)
    if one is None or not _reads(by, one):
        raise Unknown
    return one


def _reads(by: Post | None, one: Relation) -> bool:
    """The offices and auditors of the district, and the two bodies themselves."""
    if by is None or by.role == "admin":
        return False
    if by.organisation_id in (one.upper_id, one.lower_id):
        return True
    sides = [db.session.get(Organisation, i) for i in (one.upper_id, one.lower_id) if i is not None]
    home = territory(by.organisation).id
    reads = by.role == "auditor" or by.organisation.kind in OFFICES
    return reads and any(within(side, home) for side in sides if side is not None)


def relations(
    by: Post, *, of: int | None = None, words: str = "", after: int | None = None, limit: int = 50
) -> Sequence[Relation]:
    """Relations of the visitor's territory, or of one body, newest first, after the one with id `after`."""
    ours = subtree(territory(by.organisation).id)
    found = sa.select(Relation).where(sa.or_(Relation.upper_id.in_(ours), Relation.lower_id.in_(ours)))
    if of is not None:
        found = found.where(sa.or_(Relation.upper_id == of, Relation.lower_id == of))
    if after:
        found = found.where(Relation.id < after)
    for word in words.split()[:5]:
        columns = (Relation.upper_name, Relation.lower_name, Relation.upper_code, Relation.lower_code)
        found = found.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return db.session.scalars(found.order_by(Relation.id.desc()).limit(limit)).all()


def all_in_force(on: date) -> list[Relation]:
    """Every relation that holds that day."""
    found = sa.select(Relation).where(Relation.begins <= on).options(joinedload(Relation.end))
    return [one for one in db.session.scalars(found.order_by(Relation.id)) if one.in_force(on)]


def _known(one: Body) -> Body:
    """The body with what the register says of it."""
    code = plain(one.code).upper()
    found = db.session.get(Organisation, one.organisation_id) if one.organisation_id else None
    if found is None and code:
        if not code_holds(code):
            raise NotYet(_("统一社会信用代码“%(code)s”有误，请核对。", code=code))
        found = by_code(code)
    if found is not None:
        return Body(found.name, found.code or "", found.id)
    if not one.name.strip():
        raise NotYet(_("请选择名录中的单位，或者填写单位名称。"))
    return Body(one.name.strip(), code)


def _complete(kind: str, upper: Body, lower: Body, begins: date, document: str) -> None:
    if kind not in RELATIONS:
        raise NotYet(_("请选择关系种类。"))
    if upper.organisation_id is None and lower.organisation_id is None:
        raise NotYet(_("两方中至少有一方须在名录内。"))
    if node(upper.organisation_id, upper.code, upper.name) == node(
        lower.organisation_id, lower.code, lower.name
    ):
        raise NotYet(_("两方不能是同一单位。"))
    if begins > clock.today():
        raise NotYet(_("起始日期不能晚于今天。"))
    if not document.strip():
        raise NotYet(_("请填写依据的文件，例如公司章程、企业信用信息公示报告。"))
