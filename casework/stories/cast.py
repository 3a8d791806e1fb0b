"""The cases that take part in a story, by the names they have in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from casework.cases.model import Case
from casework.db import db


@dataclass
class Cast:
    """Cases that somebody opened in the story, and those that their drawings opened."""

    names: dict[str, int] = field(default_factory=dict)
    #: the name of the case that was opened last
    last: str = ""

    def enter(self, name: str, case: Case) -> None:
        """The case takes part under this name."""
        self.names[name], self.last = case.id, name

    def of(self, name: str) -> Case | None:
        """The case of this name; for a name nobody gave, the newest of that procedure."""
        case_id = self.names.get(name)
        if case_id is None:
            newest = sa.select(sa.func.max(Case.id)).where(Case.key == name, Case.id.in_(self.ids()))
            case_id = db.session.scalar(newest)
        return db.session.get(Case, case_id, populate_existing=True) if case_id is not None else None

    def ids(self) -> set[int]:
        """Every case of the story, with those that concern them, however far."""
        found, anew = set[int](), set(self.names.values())
        while anew:
            found |= anew
            anew = set(db.session.scalars(sa.select(Case.id).where(Case.parent_id.in_(anew)))) - found
        return found
