"""Pages of the registers of rooms, facilities, records and contracts: each reads on from a mark.

What a visitor may read is decided by project: first the next projects that have something to show, at most a
page of them, then their rows. A page costs the same however much the district has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import clock
from casework.db import db
from casework.errors import Unknown
from casework.people import Post
from casework.places import may
from casework.places.contract import ServiceContract
from casework.places.parts import Facility, FacilityRecord, Import, Part, Room
from casework.places.project import Project

#: Rows on a page.
PAGE = 30
#: Up to so many projects a list by days asks each for its next rows.
FEW = 20
#: Days ahead that count as soon.
SOON = 60
#: The same for a contract: who does not renew it must say so 90 days before (民法典 第九百四十七条).
SOON_CONTRACT = 90
Row = TypeVar("Row")


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to. `due`: soon (within SOON days) or late; `after`: the last row seen."""

    project: int | None = None
    kind: str = ""
    mode: str = ""
    due: str = ""
    words: str = ""
    after: int = 0


def find_part(model: type[Row], part_id: int, *, by: Post) -> Row:
    """A room, facility or record, for whoever reads the registers of its project; Unknown otherwise."""
    one: Any = db.session.get(model, part_id)
    if one is None or not may.read_parts(by, one.project):
        raise Unknown
    return one  # type: ignore[no-any-return]


def find_project(project_id: int, *, by: Post) -> Project:
    """A project whose registers this visitor reads; Unknown otherwise."""
    one = db.session.get(Project, project_id)
    if one is None or not may.read_parts(by, one):
        raise Unknown
    return one


def _horizon(due: str, day: Any, days: int = SOON) -> list[sa.ColumnElement[bool]]:
    today = clock.today()
    if due == "late":
        return [day < today]
    return [day <= today + timedelta(days=days)] if due == "soon" else []


def _named(words: str, *columns: Any) -> list[sa.ColumnElement[bool]]:
    return [sa.or_(*(c.icontains(word, autoescape=True) for c in columns)) for word in words.split()[:5]]


def _of(by: Post, wanted: Wanted) -> sa.ColumnElement[bool]:
    """The projects a list is about."""
    ours = may.parts_visible(by)
    return ours if wanted.project is None else sa.and_(ours, Project.id == wanted.project)


def room_page(by: Post, wanted: Wanted, limit: int = PAGE) -> tuple[list[Room], int | None]:
    """Rooms by project and code; those with an end to watch by their end."""
    asked = [*_named(wanted.words, Room.name, Room.code, Project.name, Project.code)]
    asked += [Room.kind == wanted.kind] if wanted.kind else []
    asked += [Room.mode == wanted.mode] if wanted.mode else []
    options = [joinedload(Room.holder)]
    if wanted.due:
        asked += [Room.mode != "allotted", Room.state == "kept"]
        within = _horizon(wanted.due, Room.mode_until)
        return _by_day(Room.mode_until, by, wanted, asked, within=within, options=options, limit=limit)
    return _by_project(Room, by, wanted, asked, options=options, limit=limit)


def facility_page(by: Post, wanted: Wanted, limit: int = PAGE) -> tuple[list[Facility], int | None]:
    """Facilities by project and code; those with something due by that day."""
    asked = [*_named(wanted.words, Facility.name, Facility.code, Project.name, Project.code)]
    asked += [Facility.kind == wanted.kind] if wanted.kind else []
    if wanted.due:
        within = _horizon(wanted.due, Facility.next_due)
        return _by_day(Facility.next_due, by, wanted, asked, within=within, limit=limit)
    return _by_project(Facility, by, wanted, asked, limit=limit)


def _by_project(
    model: Any, by: Post, wanted: Wanted, asked: list[Any], *, options: Any = (), limit: int
) -> tuple[list[Any], int | None]:
    mark = db.session.get(model, wanted.after) if wanted.after else None
    some = sa.exists().where(model.project_id == Project.id, *asked).correlate(Project)
    near = sa.select(Project.id).where(_of(by, wanted), some).order_by(Project.id).limit(limit + 1)
    if mark is not None:
        near = near.where(Project.id >= mark.project_id)
    ids = list(db.session.scalars(near))
    rows = sa.select(model).join(model.project).where(Project.id.in_(ids), *asked)
    if mark is not None:
        rows = rows.where(
            sa.tuple_(model.project_id, model.code) > sa.tuple_(sa.literal(mark.project_id), mark.code)
        )
    rows = rows.options(joinedload(model.project), *options).order_by(model.project_id, model.code)
    return _cut(db.session.scalars(rows.limit(limit + 1)).all(), limit)


def _by_day(
    day: Any,
    by: Post,
    wanted: Wanted,
    asked: list[Any],
    *,
    within: Sequence[Any] = (),
    options: Any = (),
    limit: int,
    back: bool = False,
) -> tuple[list[Any], int | None]:
    """Rows in the order of a day, from the mark on; `back`: the newest first.

    Of few projects the next rows of each are looked up; who supervises many reads along the index of days.
    """
    model = day.class_
    mark = db.session.get(model, wanted.after) if wanted.after else None
    seen = sa.exists().where(Project.id == model.project_id, _of(by, wanted), *asked).correlate(model)
    bounds = [day.is_not(None), *within]
    if mark is not None:
        bounds.append(_beyond(day, model.id, getattr(mark, day.key), mark.id, back=back))
    order = (day.desc(), model.id.desc()) if back else (day, model.id)
    near = sa.select(model.id).where(seen, *bounds).order_by(*order).limit(limit + 1)
    ids: set[int] = set()
    few = _few(by, wanted)
    for some in [near.where(model.project_id == own) for own in few] or [near]:
        ids |= set(db.session.scalars(some))
    rows = sa.select(model).where(model.id.in_(ids)).order_by(*order).limit(limit + 1)
    rows = rows.options(joinedload(model.project), *options)
    return _cut(db.session.scalars(rows).all(), limit)


def _few(by: Post, wanted: Wanted) -> list[int]:
    """The projects a list is about, when they are few."""
    found = sa.select(Project.id).where(_of(by, wanted)).order_by(Project.id).limit(FEW + 1)
    ids = list(db.session.scalars(found))
    return ids if len(ids) <= FEW else []


def _beyond(day: Any, number: Any, since: Any, mark: int, *, back: bool = False) -> sa.ColumnElement[bool]:
    """What comes after a mark in the order of days and rows; `back`: from the newest on."""
    later = day < since if back else day > since
    return sa.or_(later, sa.and_(day == since, number < mark if back else number > mark))


def _cut(found: Sequence[Row], limit: int) -> tuple[list[Row], int | None]:
    rows = list(found[:limit])
    return rows, rows[-1].id if len(found) > limit else None  # type: ignore[attr-defined]


def record_page(
    by: Post, wanted: Wanted, limit: int = PAGE, *, facility: Facility | None = None
) -> tuple[list[FacilityRecord], int | None]:
    """Records, newest first; of one facility or of all this visitor may read."""
    one, mark = FacilityRecord, db.session.get(FacilityRecord, wanted.after) if wanted.after else None
    asked: list[Any] = [*_named(wanted.words, one.what, one.by_whom)]
    asked += [one.kind == wanted.kind] if wanted.kind else []
    asked += _horizon(wanted.due, one.next_due)
    options = [joinedload(one.facility)]
    if facility is None:
        return _by_day(one.on, by, wanted, asked, options=options, limit=limit, back=True)
    rows = sa.select(one).where(one.facility_id == facility.id, *asked)
    if mark is not None:
        rows = rows.where(_beyond(one.on, one.id, mark.on, mark.id, back=True))
    rows = rows.options(joinedload(one.project), *options)
    return _cut(db.session.scalars(rows.order_by(one.on.desc(), one.id.desc()).limit(limit + 1)).all(), limit)


def project_page(by: Post, wanted: Wanted, limit: int = PAGE) -> tuple[list[Project], int | None]:
    """The projects whose rooms this visitor reads, in the order of registration."""
    rows = sa.select(Project).where(_of(by, wanted), Project.id > wanted.after)
    rows = rows.where(*_named(wanted.words, Project.name, Project.code)).order_by(Project.id)
    return _cut(db.session.scalars(rows.limit(limit + 1)).all(), limit)


def contract_page(by: Post, wanted: Wanted, limit: int = PAGE) -> tuple[list[ServiceContract], int | None]:
    """Contracts in force or to come, those that end first at the head; `late`: those that have ended."""
    one, today = ServiceContract, clock.today()
    mark = db.session.get(one, wanted.after) if wanted.after else None
    rows = sa.select(one).join(one.project).join(one.enterprise).where(_contracts(by, wanted))
    rows = rows.where(*_named(wanted.words, Project.name, one.number, Project.code))
    late = wanted.due == "late"
    rows = rows.where(one.ends_on < today if late else one.ends_on >= today)
    rows = rows.where(*([] if late else _horizon(wanted.due, one.ends_on, SOON_CONTRACT)))
    order = (one.ends_on.desc(), one.id.desc()) if late else (one.ends_on, one.id)
    if mark is not None:
        rows = rows.where(_beyond(one.ends_on, one.id, mark.ends_on, mark.id, back=late))
    rows = rows.options(joinedload(one.project), joinedload(one.enterprise)).order_by(*order)
    return _cut(db.session.scalars(rows.limit(limit + 1)).all(), limit)


def _contracts(by: Post, wanted: Wanted) -> sa.ColumnElement[bool]:
    """Those of the projects one reads, and an enterprise's own even when another serves the project now."""
    own = ServiceContract.enterprise_id == by.organisation_id
    ours = sa.or_(may.parts_visible(by), own) if by.role != "admin" else sa.false()
    return ours if wanted.project is None else sa.and_(ours, Project.id == wanted.project)


def every(page: Callable[..., tuple[list[Row], int | None]], by: Post, wanted: Wanted) -> Iterator[Row]:
    """All rows of a list, some at a time: for the workbook."""
    after: int | None = 0
    while after is not None:
        rows, after = page(by, replace(wanted, after=after), 500)
        yield from rows
        for row in rows:  # a long list does not stay in memory
            db.session.expunge(row)


def imports(by: Post, *, before: int = 0, limit: int = PAGE) -> tuple[list[Import], int | None]:
    """What this organisation has sent in, newest first."""
    ours = sa.select(Post.id).where(Post.organisation_id == by.organisation_id)
    rows = sa.select(Import).where(Import.post_id.in_(ours))
    if before:
        rows = rows.where(Import.id < before)
    return _cut(db.session.scalars(rows.order_by(Import.id.desc()).limit(limit + 1)).all(), limit)


def find_import(import_id: int, *, by: Post) -> Import:
    """A table that was sent in, for colleagues of whoever sent it; Unknown otherwise."""
    one = db.session.get(Import, import_id)
    sender = db.session.get(Post, one.post_id) if one else None
    if one is None or sender is None or sender.organisation_id != by.organisation_id or by.role == "admin":
        raise Unknown
    return one


__all__ = ["PAGE", "SOON", "Part", "Wanted", "every"]
