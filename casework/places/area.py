"""The property-management area (物业管理区域) of a project: bounds and land as decided, by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from casework import clock
from casework.db import Base, Json, Moment, db
from casework.errors import NotYet
from casework.people import Post
from casework.places import may
from casework.places.project import Hundredths, Project, sizes
from casework.places.project import facts as registered
from casework.words import Words, _, both, say

#: The four bounds (四至), in the order in which they are read out.
BOUNDS: dict[str, Words] = {"east": _("东至"), "south": _("南至"), "west": _("西至"), "north": _("北至")}


class NeverChanged(RuntimeError):
    """A decided area is evidence: another decision is another version, never an edit."""


class Area(Base):
    """One version of a project's area. Never changed; a later decision is the next version."""

    __tablename__ = "project_area"
    __table_args__ = (sa.UniqueConstraint("project_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    version: Mapped[int]
    east: Mapped[str] = mapped_column(sa.String(200))
    south: Mapped[str] = mapped_column(sa.String(200))
    west: Mapped[str] = mapped_column(sa.String(200))
    north: Mapped[str] = mapped_column(sa.String(200))
    land_area: Mapped[Decimal] = mapped_column(Hundredths)
    gfa_total: Mapped[Decimal] = mapped_column(Hundredths)
    #: the other projects that lie in the same area, by id: [] for an area of its own
    together: Mapped[list[int]] = mapped_column(Json, default=list)
    number: Mapped[str] = mapped_column(sa.String(100))
    decided_on: Mapped[date]
    valid_from: Mapped[date]
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))

    project: Mapped[Project] = relationship()


def current(project_id: int, on: date | None = None) -> Area | None:
    """The area in force that day: the newest version that is valid by then."""
    found = sa.select(Area).where(Area.project_id == project_id)
    if on is not None:
        found = found.where(Area.valid_from <= on)
    return db.session.scalars(found.order_by(Area.version.desc()).limit(1)).first()


def history(project: Project) -> Sequence[Area]:
    """Every version of a project's area, newest first."""
    found = sa.select(Area).where(Area.project_id == project.id).order_by(Area.version.desc())
    return db.session.scalars(found).all()


def companions(one: Area) -> Sequence[Project]:
    """The other projects of the same area."""
    found = sa.select(Project).where(Project.id.in_(one.together)).order_by(Project.id)
    return db.session.scalars(found).all() if one.together else ()


def bounds(project_id: int, version: int) -> dict[str, Any] | None:
    """What one version says of the ground, for the record of the case that decided it."""
    found = sa.select(Area).where(Area.project_id == project_id, Area.version == version)
    one = db.session.scalars(found).first()
    if one is None:
        return None
    sizes_ = {"land_area": one.land_area, "gfa_total": one.gfa_total, "together": one.together}
    return {**{name: getattr(one, name) for name in BOUNDS}, **sizes_, "number": one.number}


def facts(project: Project, on: date | None = None) -> dict[str, Any]:
    """The FEEL context `project`: what the register says, with the area in force that day."""
    one = current(project.id, on or clock.today())
    return {**registered(project), "area": _context(one) if one else None}


def _context(one: Area) -> dict[str, Any]:
    others = companions(one)
    return {
        "version": one.version,
        **{name: getattr(one, name) for name in BOUNDS},
        "land_area": one.land_area,
        "gfa_total": one.gfa_total,
        "together": [{"id": p.id, "name": p.name, "name_en": p.name_en} for p in others],
        "whole": _whole_sizes((one.project, *others)) if others else None,
        "number": one.number,
        "decided_on": one.decided_on,
        "valid_from": one.valid_from,
    }


def _whole_sizes(projects: Sequence[Project]) -> dict[str, Any]:
    """What the projects of an area measure together now; what one of them has not stated is unknown."""
    each = [sizes(one) for one in projects]
    bases = [base for base in each[0] if base.startswith("gfa_")]
    known = {base: [one[base] for one in each] for base in bases}
    return {base: None if None in all_of else sum(all_of, Decimal(0)) for base, all_of in known.items()}


def record_area(
    project: Project,
    given: Mapping[str, Any],
    *,
    by: Post,
    together: Sequence[Project] = (),
    rest: Mapping[str, Any] | None = None,
    case_id: int | None = None,
) -> Sequence[Area]:
    """Write down what was decided: the next version, for the project and for all it shares the area with.

    The version of the project itself comes first.

    `given`: the bounds, land_area, number, decided_on, valid_from. `rest`: bounds and land_area of what is
    left to the others of its area where the project is parted from them.
    """
    left: Sequence[Project] = ()
    if rest is not None:
        before = current(project.id)
        left = companions(before) if before else ()
        if not left or together:
            raise NotYet(
                say("%(name)s现在没有与其他项目同属一个物业管理区域，不能划出。", name=_called(project))
            )
    elif fault := unfit(project, together):
        raise NotYet(fault)
    for one in (project, *together, *left):
        may.keep.ask(by, one)
    sound = _versions((project, *together), given, by=by, case_id=case_id)
    if rest is not None:
        sound += _versions(left, {**given, **rest}, by=by, case_id=case_id)
    db.session.add_all(sound)
    db.session.flush()
    return sound


def _versions(
    ours: Sequence[Project], given: Mapping[str, Any], *, by: Post, case_id: int | None
) -> list[Area]:
    """The next version of each project of one area."""
    _sound(given)
    floor = sum((one.gfa_total for one in ours), Decimal(0))
    return [
        Area(
            **given,
            project_id=one.id,
            version=before.version + 1 if (before := current(one.id)) else 1,
            gfa_total=floor,
            together=[each.id for each in ours if each is not one],
            case_id=case_id,
            recorded_at=clock.now(),
            post_id=by.id,
            recorded_by=f"{by.organisation.name} {by.user.name}",
        )
        for one in ours
    ]


def unfit(project: Project | None, together: Sequence[Project]) -> Words | None:
    """Why these cannot share an area: one named twice, or one parted from those it shares an area with.

    `project`: the one that is decided about, None while it is not on the register.
    """
    ours = [*([project] if project else []), *together]
    for place, one in enumerate(ours):
        if one in ours[:place]:
            if one is project:
                return _("%(name)s就是本项目，不必列入。", name=_called(one))
            return _("%(name)s重复列入。", name=_called(one))
    for one in ours:
        before = current(one.id)
        left = [each for each in companions(before) if each not in ours] if before else []
        if left:
            return _(
                "%(name)s现与%(others)s同属一个物业管理区域，调整时应当一并核定。",
                name=_called(one),
                others=_called(*left),
            )
    return None


def _called(*several: Project) -> Words:
    """Their names, in the language of whoever reads the sentence."""
    return both("、".join(one.label("zh") for one in several), ", ".join(one.label("en") for one in several))


def _sound(given: Mapping[str, Any]) -> None:
    for name, words in BOUNDS.items():
        if not str(given.get(name) or "").strip():
            raise NotYet(say("请写明四至：%(bound)s。", bound=words))
    if (given.get("land_area") or 0) <= 0:
        raise NotYet(_("用地面积须大于 0 平方米。"))
    if not str(given.get("number") or "").strip():
        raise NotYet(_("物业管理区域须写明核定文书的文号。"))


def _kept(mapper: Mapper[Any], connection: sa.Connection, target: Area) -> None:
    raise NeverChanged(f"area of project {target.project_id}, version {target.version}")


for _event in ("before_update", "before_delete"):
    sa.event.listen(Area, _event, _kept)
