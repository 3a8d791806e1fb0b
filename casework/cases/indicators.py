"""What an office watches: of every procedure that says so, its rates and lists over the cases it may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import clock, procedures
from casework.cases import asking, links
from casework.cases.lists import visible
from casework.cases.model import Case, Step
from casework.db import db
from casework.engine import feel
from casework.engine.feel import FeelError
from casework.people import Organisation, Post
from casework.procedures import Procedure

#: The newest cases of a procedure that are counted; the page says so when there are more.
COUNTED = 1000
#: Lines of one list on the page.
LISTED = 100


@dataclass(frozen=True)
class Rate:
    """So many of so many; `percent` is None where nothing counts yet."""

    title: str
    counts: int
    of: int
    goal: int | None
    basis: str

    @property
    def percent(self) -> float | None:
        """In a hundred, to one decimal, never rounded up to the goal."""
        return self.counts * 1000 // self.of / 10 if self.of else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without a goal or a number."""
        if self.goal is None or not self.of:
            return None
        return self.counts * 100 >= self.goal * self.of


@dataclass(frozen=True)
class Line:
    """One case of a list, what is said of it, and who holds it now."""

    case: Case
    says: str
    holders: tuple[Organisation, ...]


@dataclass(frozen=True)
class Watched:
    """One procedure as this reader watches it."""

    procedure: Procedure
    cases: int
    more: bool
    rates: tuple[Rate, ...]
    lists: tuple[tuple[str, tuple[Line, ...], int], ...]


def watched(by: Post, *, since: date, until: date, now: datetime, lang: str) -> list[Watched]:
    """Every procedure that is watched, over the cases opened in these days that this post may see."""
    days = (Case.opened_at >= clock.at_local(since), Case.opened_at < clock.at_local(until))
    found = []
    for procedure in procedures.offered():
        if procedure.watching is not None:
            mine = (Case.key == procedure.key, Case.status != "withdrawn", visible(by), *days)
            newest = sa.select(Case).where(*mine).options(joinedload(Case.kept))
            newest = newest.order_by(Case.id.desc()).limit(COUNTED + 1)
            found.append(_watched(procedure, list(db.session.scalars(newest)), now, lang))
    return found


def _watched(procedure: Procedure, cases: list[Case], now: datetime, lang: str) -> Watched:
    known = links.numbers(cases[:COUNTED])
    facts = [(one, _facts(one, now, known)) for one in cases[:COUNTED]]
    ask, watching = asking.functions(now), procedure.watching
    assert watching is not None  # noqa: S101  only watched procedures come here
    rates = []
    for rate in watching.rates:
        of = [known for _case, known in facts if _holds(rate.of, known, ask)]
        counts = sum(_holds(rate.counts, known, ask) for known in of)
        basis = procedure.says(rate.basis, lang) if rate.basis else ""
        rates.append(Rate(procedure.says(rate.title, lang), counts, len(of), rate.goal, basis))
    lists = []
    for listed in watching.lists:
        chosen = [(one, known) for one, known in facts if _holds(listed.when, known, ask)]
        says = listed.says_en if lang == "en" else listed.says
        lines = _lines([(one, str(_read(says, known, ask) or "")) for one, known in chosen[:LISTED]])
        lists.append((procedure.says(listed.title, lang), lines, len(chosen)))
    return Watched(procedure, len(facts), len(cases) > COUNTED, tuple(rates), tuple(lists))


def _facts(case: Case, now: datetime, known: links.Numbers) -> dict[str, Any]:
    return {**links.concerned(case, now, known), "opened_on": clock.local(case.opened_at).date()}


def _read(expression: feel.Expression, known: Mapping[str, Any], ask: asking.Functions) -> Any:
    try:
        return expression.evaluate(known, ask)
    except FeelError:
        return None


def _holds(expression: feel.Expression, known: Mapping[str, Any], ask: asking.Functions) -> bool:
    return _read(expression, known, ask) is True


def _lines(chosen: list[tuple[Case, str]]) -> tuple[Line, ...]:
    ids = [one.id for one, _says in chosen]
    query = sa.select(Step).where(Step.case_id.in_(ids), Step.status == "open").order_by(Step.id)
    holders: dict[int, dict[int, Organisation]] = {}
    for step in db.session.scalars(query.options(joinedload(Step.organisation))):
        holders.setdefault(step.case_id, {})[step.organisation_id] = step.organisation
    return tuple(Line(one, says, tuple(holders.get(one.id, {}).values())) for one, says in chosen)
