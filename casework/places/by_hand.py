"""A room or a facility entered or changed by hand: judged as a row of an imported table is, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from casework.db import db
from casework.errors import NotYet
from casework.people import Post
from casework.places import entering
from casework.places.importing import organisations_named
from casework.places.parts import Part, register_of
from casework.places.project import Project
from casework.places.tables import TABLES, Table, cells
from casework.words import Words, _


class Misfit(NotYet):
    """What does not fit, with the question beside which it is said."""

    def __init__(self, column: str, says: Words) -> None:
        self.column = column
        super().__init__(says)


def enter(register: str, project: str, given: Mapping[str, Any], *, by: Post) -> int:
    """A new row for the project of this code."""
    table = TABLES[register]
    found = db.session.scalars(sa.select(Project).where(Project.code == project)).first()
    if found is None or not table.keep(by, found):
        raise Misfit("project", _("项目“%(code)s”不存在，或者不由贵单位登记。", code=project))
    entering.hold([found.id])
    _alone(table, found.id, given["code"])
    row = {**_sound(table, entering.defaults(register), given), "project_id": found.id}
    return entering.add(register, [row], entering.Source(by, "手工登记"))[0]


def change(one: Any, given: Mapping[str, Any], reason: str, *, by: Post, seen: int) -> None:
    """A row says something else from now on; Misfit when it is not the version that was seen."""
    table = TABLES[register_of(one)]
    table.keep.ask(by, one.project)
    entering.hold([one.project_id])
    db.session.refresh(one)
    if seen != one.version:
        raise Misfit(
            "code", _("您填写期间，登记内容已有第 %(n)s 版，请在新页面打开核对后再提交。", n=one.version)
        )
    if given["code"] != one.code:
        _alone(table, one.project_id, given["code"])
    entering.change([(one, _sound(table, {}, given))], entering.Source(by, reason))


def _alone(table: Table, project_id: int, code: str) -> None:
    """No other row of the project bears this code."""
    if entering.find_parts(table.model, project_id, [code]):
        raise Misfit(
            "code", _("本项目“%(register)s”中已有编号“%(code)s”。", register=table.sheet.name, code=code)
        )


def _sound(table: Table, usual: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the row says, when its parts fit together."""
    says = {**usual, **given}
    if (name := says.pop("holder", None)) is not None:
        says["held_by"] = _holder(name)
    for column, sentence in table.sound(says).items():
        raise Misfit(column, sentence)
    return says


def _holder(name: str) -> int | None:
    """The organisation of this name or credit code; none when nothing is written."""
    ids = organisations_named([name]).get(name, set()) if name else set()
    if name and not ids:
        raise Misfit("holder", _("名录上没有单位“%(name)s”。", name=name))
    if len(ids) > 1:
        raise Misfit("holder", _("名录上有多个“%(name)s”，请填写统一社会信用代码。", name=name))
    return next(iter(ids), None)


def typed(one: Part) -> dict[str, str]:
    """A row as one would type it."""
    says = {column.name: getattr(one, column.name, None) for column in TABLES[register_of(one)].sheet.columns}
    return {name: _typed(value) for name, value in {**says, **cells(one)}.items() if name != "project"}


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
