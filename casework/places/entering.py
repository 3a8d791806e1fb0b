"""Writing rooms, facilities and records into the registers: many at once, each with its version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from casework import clock
from casework.db import db
from casework.people import Post
from casework.places.parts import (
    KEPT,
    REGISTERS,
    Facility,
    FacilityRecord,
    Part,
    Version,
    mapper,
    register_of,
    says,
)
from casework.places.project import Project


@dataclass(frozen=True)
class Source:
    """Where an entry comes from: by whom, why, and from which case or imported table."""

    by: Post
    reason: str
    case_id: int | None = None
    import_id: int | None = None


def hold(projects: Iterable[int]) -> None:
    """Nobody else writes into the registers of these projects until the transaction ends."""
    ids = sorted(set(projects))
    db.session.execute(
        sa.select(Project.id).where(Project.id.in_(ids)).order_by(Project.id).with_for_update()
    )


def find_parts(model: Any, project_id: int, codes: Iterable[str]) -> dict[str, Any]:
    """Rooms or facilities of a project by their codes."""
    found = sa.select(model).where(model.project_id == project_id, model.code.in_(list(codes)))
    return {one.code: one for one in db.session.scalars(found)}


def add(register: str, rows: Sequence[Mapping[str, Any]], source: Source) -> list[int]:
    """New rows, each with `project_id` (a record also `facility_id`) and what it says; their ids in order."""
    if not rows:
        return []
    model: Any = REGISTERS[register]
    rows = [{**defaults(register), **row, "version": 1} for row in rows]
    made = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(made, rows))
    _versions(register, [(i, 1, row) for i, row in zip(ids, rows, strict=True)], source)
    return ids


def change(changes: Sequence[tuple[Part, Mapping[str, Any]]], source: Source) -> None:
    """Rows that say something else from now on: each the next version; what says the same stays."""
    real = [(part, {**says(part), **new}) for part, new in changes]
    real = [(part, now) for part, now in real if now != says(part)]
    for register, group in groupby(real, key=lambda each: register_of(each[0])):
        each = list(group)
        rows = [{**now, "id": part.id, "version": part.version + 1} for part, now in each]
        db.session.execute(sa.update(REGISTERS[register]), rows)
        _versions(register, [(row["id"], row["version"], row) for row in rows], source)
        for part, _now in each:
            db.session.expire(part)


def defaults(register: str) -> dict[str, Any]:
    """What a row says where nothing is given; every row of one statement names the same columns."""
    columns = mapper(REGISTERS[register]).column_attrs
    return {
        column.key: default.arg if (default := column.columns[0].default) is not None else None
        for column in columns
        if column.key in KEPT[register]
    }


def _versions(register: str, rows: Sequence[tuple[int, int, Mapping[str, Any]]], source: Source) -> None:
    by = source.by
    about = {
        "register": register,
        "reason": source.reason[:500],
        "case_id": source.case_id,
        "import_id": source.import_id,
        "recorded_at": clock.now(),
        "post_id": by.id,
        "recorded_by": f"{by.organisation.name} {by.user.name}",
    }
    db.session.execute(
        sa.insert(Version),
        [
            {**about, "part_id": i, "version": version, "says": {name: row[name] for name in KEPT[register]}}
            for i, version, row in rows
        ],
    )


def reckon_due(facilities: Iterable[int]) -> None:
    """The next due day of facilities whose records changed: the earliest the newest of each kind names."""
    ids, one = list(set(facilities)), FacilityRecord
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        nth = sa.func.row_number().over(
            partition_by=(one.facility_id, one.kind), order_by=(one.on.desc(), one.no.desc())
        )
        newest = sa.select(one.facility_id, one.next_due, nth.label("nth")).where(one.facility_id.in_(some))
        each = newest.subquery()
        due: dict[int, date | None] = dict.fromkeys(some)
        days = sa.select(each.c.facility_id, sa.func.min(each.c.next_due)).where(each.c.nth == 1)
        due |= dict(db.session.execute(days.group_by(each.c.facility_id)).all())
        db.session.execute(sa.update(Facility), [{"id": i, "next_due": day} for i, day in due.items()])


def versions(part: Part) -> Sequence[Version]:
    """Every version of a row, newest first."""
    found = sa.select(Version).where(Version.register == register_of(part), Version.part_id == part.id)
    return db.session.scalars(found.order_by(Version.version.desc())).all()
