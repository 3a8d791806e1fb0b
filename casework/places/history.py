"""What has become of a room, a facility or a record: each version with what it changed, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework.db import db
from casework.people import Organisation
from casework.places.entering import versions
from casework.places.parts import Part, Version, register_of
from casework.places.tables import TABLES
from casework.words import Words


@dataclass(frozen=True)
class Told:
    """One version and what it said anew: title, before, after."""

    version: Version
    changes: list[tuple[Words, str, str]]


def told(part: Part) -> list[Told]:
    """Every version, newest first."""
    every, register = versions(part), register_of(part)
    columns = {column.name: column for column in TABLES[register].sheet.columns}
    holders = {one.says["held_by"] for one in every if one.says.get("held_by")}
    named = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(holders))
    names = dict(db.session.execute(named).all()) if holders else {}

    def shown(name: str, value: Any) -> str:
        if name == "held_by":
            return names.get(value, "")
        return columns[name].printed(value)

    found = []
    for one, before in zip(every, (*every[1:], None), strict=True):
        pairs = [
            (name, before.says.get(name), value)
            for name, value in one.says.items()
            if before is not None and before.says.get(name) != value
        ]
        changes = [
            (columns["holder" if name == "held_by" else name].title, shown(name, old), shown(name, new))
            for name, old, new in pairs
        ]
        found.append(Told(one, changes))
    return found
