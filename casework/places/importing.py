"""A table that comes into a register: checked against it, shown, and written as a whole or not at all.

Written is exactly what was shown: `plan` is the hash of every new and changed row with the version it rests
on. When the register has changed meanwhile, the table is checked and shown again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import clock, workbooks
from casework.db import db
from casework.engine import values
from casework.errors import Conflict, NotYet, Refused
from casework.people import Organisation, Post
from casework.places import entering
from casework.places.parts import KEPT, Facility, FacilityRecord, Import, Part, Room, says
from casework.places.project import Project
from casework.places.tables import TABLES, Table
from casework.words import _, say_in
from casework.workbooks import Checked, Line
from casework.workbooks.checking import twice

#: How many rows of each kind the preview shows.
SHOWN = 20
#: A table that nobody imported goes after so long, with its file.
PREVIEWS = timedelta(days=30)
#: How many values one question to the database names.
AT_ONCE = 500


@dataclass
class Plan:
    """What a table would do to the register."""

    table: Table
    checked: Checked
    new: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, Any]] = field(default_factory=list)
    same: list[Line] = field(default_factory=list)
    wrong: list[Line] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """What is written, to the last value and version."""
        every = [
            *([line.number, None, 0, line.says] for line in self.new),
            *([line.number, part.id, part.version, line.says] for line, part in self.changed),
            *([line.number, "wrong", 0, {}] for line in self.wrong),
        ]
        return hashlib.sha256(values.dumps(every).encode()).hexdigest()


def read(register: str, data: bytes) -> Checked:
    """Read a table and judge each cell by itself, without the register; NotYet where there is no table."""
    sheet = TABLES[register].sheet
    names = frozenset(say_in(lang, sheet.name) for lang in ("zh", "en"))
    book = workbooks.open_book(data, names, lambda rows: bool(workbooks.header(rows, sheet.columns)))
    return workbooks.check(book, sheet.columns)


def plan(register: str, checked: Checked, *, by: Post, alone: bool = False) -> Plan:
    """Compare a table that was just read with the register.

    `alone`: nobody else writes into the registers of these projects until the transaction ends.
    """
    table = TABLES[register]
    found = Plan(table, checked)
    lines = found.checked.lines
    projects = _projects(found, by)
    if alone:
        entering.hold(projects)
    if register == "record":
        _facilities(found, projects)
    if register == "room":
        _holders(found)
    _twice(found)
    known = _known(found, projects)
    for line in lines:
        _sort(found, line, known)
    return found


def _chunks(each: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(each)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def _projects(found: Plan, by: Post) -> list[int]:
    """Codes become projects; one that is not there and one that is not ours are answered alike."""
    lines = [line for line in found.checked.lines if "project" in line.says]
    ours: dict[str, int] = {}
    for codes in _chunks(sorted({line.says["project"] for line in lines})):
        some = sa.select(Project).where(Project.code.in_(codes))
        ours |= {one.code: one.id for one in db.session.scalars(some) if found.table.keep(by, one)}
    for line in lines:
        code = line.says.pop("project")
        if code in ours:
            line.says["project_id"] = ours[code]
        else:
            found.checked.fault(line, "project", _("项目“%(code)s”不存在，或者不由贵单位登记。", code=code))
    return sorted(ours.values())


def _facilities(found: Plan, projects: Sequence[int]) -> None:
    known: dict[tuple[int, str], int] = {}
    for some in _chunks(projects):
        rows = sa.select(Facility.project_id, Facility.code, Facility.id).where(Facility.project_id.in_(some))
        known |= {(project, code): i for project, code, i in db.session.execute(rows)}
    for line in found.checked.lines:
        code, project = line.says.pop("facility", None), line.says.get("project_id")
        if code is None or project is None:
            continue
        if (project, code) in known:
            line.says["facility_id"] = known[project, code]
        else:
            found.checked.fault(
                line, "facility", _("本项目台帐上没有编号为“%(code)s”的设备，请先登记设备。", code=code)
            )


def organisations_named(names: Iterable[str]) -> dict[str, set[int]]:
    """The organisations that bear these names or credit codes."""
    known: dict[str, set[int]] = {}
    for some in _chunks(sorted(set(names))):
        same = sa.or_(Organisation.name.in_(some), Organisation.code.in_(some))
        for one in db.session.scalars(sa.select(Organisation).where(same, Organisation.active)):
            for name in (one.name, one.code or ""):
                known.setdefault(name, set()).add(one.id)
    return known


def _holders(found: Plan) -> None:
    """Names or credit codes become organisations."""
    named = [line for line in found.checked.lines if "holder" in line.says]
    known = organisations_named({line.says["holder"] for line in named} - {""})
    for line in named:
        name = line.says.pop("holder")
        ids = known.get(name, set())
        if not name or len(ids) == 1:
            line.says["held_by"] = next(iter(ids)) if name else None
        elif ids:
            found.checked.fault(
                line, "holder", _("名录上有多个“%(name)s”，请填写统一社会信用代码。", name=name)
            )
        else:
            found.checked.fault(line, "holder", _("名录上没有单位“%(name)s”。", name=name))


def _key(table: Table, says_: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What tells a row apart; None where part of it is wrong."""
    if table.register == "record" and says_.get("no") is None:
        says_ = {**says_, "no": 1}
    names = ("project_id", *table.key) if table.register != "record" else table.key
    key = tuple(says_.get(name) for name in names)
    return None if None in key else key


def _twice(found: Plan) -> None:
    for line, first in list(twice(found.checked.lines, lambda each: _key(found.table, each.says))):
        name = "code" if found.table.register != "record" else "facility"
        found.checked.fault(
            line, name, _("与第 %(row)s 行重复：同一编号在表内出现了两次。", row=first.number)
        )


def _known(found: Plan, projects: Sequence[int]) -> dict[tuple[Any, ...], Any]:
    """The rows that the register has of these projects, by key."""
    model: Any = found.table.model
    known: dict[tuple[Any, ...], Any] = {}
    if model is FacilityRecord:
        days = [line.says["on"] for line in found.checked.lines if "on" in line.says]
        ids = {line.says["facility_id"] for line in found.checked.lines if "facility_id" in line.says}
        for some in _chunks(sorted(ids)) if days else ():
            rows = sa.select(FacilityRecord).where(
                FacilityRecord.facility_id.in_(some),
                FacilityRecord.on.between(min(days), max(days)),
            )
            known |= {(o.facility_id, o.kind, o.on, o.no): o for o in db.session.scalars(rows)}
        return known
    for some in _chunks(projects):
        ours = sa.select(model).where(model.project_id.in_(some))
        known |= {(one.project_id, one.code): one for one in db.session.scalars(ours)}
    return known


def _sort(found: Plan, line: Line, known: Mapping[tuple[Any, ...], Any]) -> None:
    """New, changed, the same, or wrong."""
    table, kept = found.table, KEPT[found.table.register]
    if table.register == "record" and "no" in line.says and line.says["no"] is None:
        line.says["no"] = 1
    key = None if line.faults else _key(table, line.says)
    part: Part | None = known.get(key) if key is not None else None
    given = {name: line.says[name] for name in kept if name in line.says}
    before = says(part) if part is not None else entering.defaults(table.register)
    if key is not None:
        for name, sentence in table.sound({**before, **given}).items():
            found.checked.fault(line, name, sentence)
    if line.faults or key is None:
        found.wrong.append(line)
    elif part is None:
        found.new.append(line)
    elif {**before, **given} != before:
        found.changed.append((line, part))
    else:
        found.same.append(line)


# ----------------------------------------------------------------------------------- shown, then written


@dataclass(frozen=True)
class Sent:
    """A table as it was sent in, read already: reading takes longest and needs no database."""

    data: bytes
    checked: Checked

    @classmethod
    def of(cls, register: str, data: bytes) -> Sent:
        """Read it."""
        return cls(data, read(register, data))

    @property
    def sha256(self) -> str:
        """Its fingerprint."""
        return hashlib.sha256(self.data).hexdigest()


def receive(register: str, file_name: str, sent: Sent, *, by: Post, file_id: int | None) -> Import:
    """Check a table that was sent in and keep what the page is to show."""
    TABLES[register].keeper.ask(by)
    found = plan(register, sent.checked, by=by)
    one = Import(
        register=register,
        file_id=file_id,
        file_name=file_name,
        sha256=sent.sha256,
        plan=found.digest,
        shown=_shown(found),
        checked_at=clock.now(),
        post_id=by.id,
        recorded_by=f"{by.organisation.name} {by.user.name}",
    )
    db.session.add(one)
    db.session.flush()
    return one


def write(one: Import, sent: Sent, *, by: Post) -> bool:
    """Write what was shown, all of it; False when the register has changed and the table is shown again."""
    table = TABLES[one.register]
    table.keeper.ask(by)
    db.session.refresh(one, with_for_update=True)
    if one.post_id != by.id:
        raise Refused(_("由检查这张表的人导入。"))
    if one.written_at is not None:
        raise Conflict(_("这张表已经导入。"))
    if sent.sha256 != one.sha256:
        raise NotYet(_("保存的文件与检查时不一致，请重新上传。"))
    found = plan(one.register, sent.checked, by=by, alone=True)
    if found.wrong or found.digest != one.plan:
        one.plan, one.shown, one.checked_at = found.digest, _shown(found), clock.now()
        db.session.flush()
        return False
    _enter(found, one, by)
    one.written_at = clock.now()
    db.session.flush()
    return True


def _enter(found: Plan, one: Import, by: Post) -> None:
    register = found.table.register
    source = entering.Source(by, f"Excel 导入：{one.file_name}（{one.sha256[:12]}）", import_id=one.id)
    own = {*KEPT[register], "project_id", "facility_id"}
    new = [{name: value for name, value in line.says.items() if name in own} for line in found.new]
    entering.add(register, new, source)
    entering.change(
        [(part, {k: v for k, v in line.says.items() if k in KEPT[register]}) for line, part in found.changed],
        source,
    )
    if register == "record":
        entering.reckon_due(
            [*(line.says["facility_id"] for line in found.new), *(p.facility_id for _l, p in found.changed)]
        )


def _shown(found: Plan) -> dict[str, Any]:
    """What the page shows: counts, notes on the table, the first rows of each kind."""
    checked = found.checked
    return {
        "counts": {
            "new": len(found.new),
            "changed": len(found.changed),
            "same": len(found.same),
            "wrong": len(found.wrong),
        },
        "sheet": checked.sheet,
        "header": checked.header,
        "unknown": checked.unknown,
        "missing": [column.name for column in checked.missing],
        "others": checked.others[:10],
        "hidden_columns": [column.name for column in checked.hidden_columns],
        "hidden": {"count": len(checked.hidden), "rows": checked.hidden[:10]},
        "new": [{"row": line.number, "says": _known_words(found, line)} for line in found.new[:SHOWN]],
        "changed": [_change(found, line, part) for line, part in found.changed[:SHOWN]],
        "wrong": [
            {"row": line.number, **{lang: [f.line(lang) for f in line.faults] for lang in ("zh", "en")}}
            for line in found.wrong[:SHOWN]
        ],
    }


def _raw(found: Plan, line: Line) -> dict[str, Any]:
    """The cells of a row as they came, by column."""
    return {c.name: line.cells[i] if i < len(line.cells) else None for i, c in found.checked.columns.items()}


def _known_words(found: Plan, line: Line) -> dict[str, Any]:
    """A row as the preview names it: what is read, and project, facility and holder as they were written."""
    raw = _raw(found, line)
    named = {name: str(raw[name]) for name in ("project", "facility", "holder") if raw.get(name) is not None}
    own = {c.name for c in found.checked.columns.values()}
    return {**{name: value for name, value in line.says.items() if name in own}, **named}


def _change(found: Plan, line: Line, part: Any) -> dict[str, Any]:
    before = says(part)
    raw = _raw(found, line)
    pairs = []
    for name, value in line.says.items():
        if name in before and before[name] != value:
            if name == "held_by":
                held = part.holder.name if isinstance(part, Room) and part.holder else ""
                pairs.append(["holder", held, str(raw.get("holder") or "")])
            else:
                pairs.append([name, before[name], value])
    return {"row": line.number, "says": _known_words(found, line), "pairs": pairs}


def sweep(now: datetime) -> list[int]:
    """Forget the tables that were looked at and never imported; the ids of their files, which go too."""
    idle = sa.delete(Import).where(Import.written_at.is_(None), Import.checked_at < now - PREVIEWS)
    return [file for file in db.session.scalars(idle.returning(Import.file_id)) if file is not None]


def marked(found: Plan) -> bytes:
    """The table with what is wrong marked in it."""
    return workbooks.marked(found.checked, found.wrong)
