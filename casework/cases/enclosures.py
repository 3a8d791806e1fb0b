"""The facilities of a project as a case lists them: one by one, or brought together with the register beside.

A list of thousands is no form. Above a limit the rows stand for kinds (and buildings), and the register as it
is at that moment is enclosed as a workbook, whose SHA-256 is part of the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from casework import clock, files, journal, places, workbooks
from casework.cases.model import Case
from casework.cases.turn import Facts, Turn, Verb
from casework.db import db
from casework.engine import values
from casework.errors import Conflict, NotYet, TooMuch, Unknown
from casework.words import _, speaking

Found = TypeVar("Found")
#: The entry of the record that names what is enclosed.
LISTED = "facilities listed"
#: Rows that one enclosed workbook holds.
MOST = 50_000


@dataclass(frozen=True)
class Enclosure:
    """A workbook the office has made for a case: what it holds, and what its bytes were."""

    file_id: int
    name: str
    count: int
    sha256: str


class Unmade(Conflict):
    """A workbook must be made first, without the lock; again, when the register has changed meanwhile."""

    says = _("登记簿在办理期间有变动，请重试。")


@dataclass
class Shelf:
    """Workbooks of one act, made while nothing is locked; each lies under the fingerprint of its rows."""

    made: dict[str, bytes] = field(default_factory=dict)
    wanted: dict[str, list[list[Any]]] = field(default_factory=dict)

    def fill(self) -> None:
        """Make what was wanted. Long: nothing may be locked now."""
        for print_, rows in self.wanted.items():
            self.made[print_] = _workbook(rows)
        self.wanted.clear()


_shelf: ContextVar[Shelf | None] = ContextVar("shelf", default=None)


@contextmanager
def apart() -> Iterator[Shelf]:
    """Inside the block an act that needs a workbook not on the shelf ends with Unmade (ask_made)."""
    shelf = Shelf()
    token = _shelf.set(shelf)
    try:
        yield shelf
    finally:
        _shelf.reset(token)


def unlocked(act: Callable[[], Found]) -> Found:
    """The act; where it needs a workbook, that is made with nothing locked, and then the act is done anew.

    Whoever begins the work calls it; `act` commits, or its caller does. What was done before is given up.
    """
    with apart() as shelf:
        try:
            return act()
        except Unmade:
            db.session.rollback()
            shelf.fill()
        return act()


def ask_made() -> None:
    """Whether the act found every workbook it needs; else nothing of it may stay."""
    shelf = _shelf.get()
    if shelf is not None and shelf.wanted:
        raise Unmade


def of(case: Case) -> list[Enclosure]:
    """What is enclosed with a case, by its record, the newest last."""
    if "list facilities" not in case.procedure.flow.effects.values():
        return []
    entries = sa.select(journal.Entry.detail).where(
        journal.Entry.case_id == case.id, journal.Entry.what == LISTED
    )
    told = map(values.loads, db.session.scalars(entries.order_by(journal.Entry.seq)))
    return [
        Enclosure(int(file_id), fact["name"], int(fact["count"]), sha256)
        for fact in told
        for file_id, sha256 in (fact.get("files") or {}).items()
    ]


def file(case: Case, file_id: int) -> files.File | None:
    """The file of an enclosure of this case."""
    held = any(one.file_id == file_id for one in of(case))
    return db.session.get(files.File, file_id) if held else None


def _list_facilities(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`list facilities` (header most; input rows = rows of project_facilities()): what a form lists.

    Gives `facility_rows`, each with how many `items` it stands for, and `facility_list`: how many there are,
    and where the register is `enclosed` its name, SHA-256 and day.
    """
    rows = [row for row in arguments.get("rows") or () if isinstance(row, Mapping)]
    most, project = int(arguments["most"]), turn.case.project
    if project is None:
        raise NotYet(_("本案没有对应的项目。"))
    told = {"count": len(rows), "fixed_on": clock.local(turn.now).date()}
    if len(rows) <= most:
        plain = {**told, "enclosed": False, "rows": len(rows), "name": "", "sha256": ""}
        return {"facility_rows": [{**row, "items": 1} for row in rows], "facility_list": plain}
    if len(rows) > MOST:
        raise TooMuch(
            _("项目有 %(n)s 项设施设备，一份清单最多 %(most)s 项。", n=f"{len(rows):,}", most=f"{MOST:,}")
        )
    kept = _enclosed(turn, project, rows)
    brought = places.grouped(rows, most)
    signed = {"name": kept.name, "files": {str(kept.id): kept.sha256}}
    detail = {"project": project.id, "title": kept.name, "count": len(rows), "rows": len(brought), **signed}
    journal.write(turn.case, LISTED, at=turn.now, by=turn.by, detail=detail)
    beside = {**told, "enclosed": True, "rows": len(brought), "name": kept.name, "sha256": kept.sha256}
    return {"facility_rows": brought, "facility_list": beside}


def _enclosed(turn: Turn, project: places.Project, rows: Sequence[Mapping[str, Any]]) -> files.File:
    """The register of these rows as it stands now, as an Excel workbook in Chinese, whoever acts."""
    wanted, table = {row.get("code") for row in rows}, places.tables.TABLES["facility"]
    found = [one for one in places.facilities_of(project.id) if one.code in wanted]
    if len(found) != len(rows):
        raise Unknown(Unmade.says)
    data = _ready([places.tables.row(table, one) for one in found])
    moment = clock.local(turn.now)
    name = files.clean_name(f"{project.code} 设施设备清单 {moment:%Y-%m-%d %H%M%S}.xlsx")
    return files.store(name, "xlsx", data, post_id=turn.by.id if turn.by else None)


def _ready(rows: list[list[Any]]) -> bytes:
    """The workbook of these rows: from the shelf, where there is one, else made here and now."""
    shelf = _shelf.get()
    if shelf is None:
        return _workbook(rows)
    print_ = hashlib.sha256(values.dumps(rows).encode()).hexdigest()
    if print_ not in shelf.made:
        shelf.wanted[print_] = rows
        raise Unmade
    return shelf.made[print_]


def _workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    with speaking("zh"):
        return workbooks.workbook(places.tables.TABLES["facility"].sheet, rows)


EFFECTS: dict[str, Verb] = {"list facilities": _list_facilities}
