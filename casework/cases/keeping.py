"""How long things are kept: a case by the class of its procedure, drafts and keys only while they serve.

No case is ever destroyed by the program: after its term people decide (rules.md F.3, 档案法 第三十一条).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from casework import clock, procedures
from casework.cases.model import Act, Case, Draft, Step
from casework.db import db

#: A second click comes within minutes; a page sent again from a laptop that slept, within weeks.
ACTS = timedelta(days=30)
#: An application that nobody has touched for so long is given up.
DRAFTS = timedelta(days=180)
_YEARS = re.compile(r"(\d{1,3})\s*年")


@dataclass(frozen=True)
class Term:
    """The retention class of a case and the first day on which it might be destroyed; None: never."""

    name: str
    until: date | None


def term(case: Case) -> Term | None:
    """How long an ended case is kept, reckoned from the first of January after its end."""
    name = str(case.procedure.about.get("retention") or "")
    if case.ended_at is None or not name:
        return None
    years = _YEARS.fullmatch(name)
    ended = clock.local(case.ended_at).year
    return Term(name, date(ended + 1 + int(years[1]), 1, 1) if years else None)


def passed(today: date) -> Iterator[sa.ColumnElement[bool]]:
    """Which cases have passed their term: a condition for each version of a procedure with a class."""
    for version_id in db.session.scalars(sa.select(Case.version_id).distinct()).all():
        years = _YEARS.fullmatch(str(procedures.of(version_id).about.get("retention") or ""))
        if years is not None:
            before = clock.at_local(date(today.year - int(years[1]), 1, 1))
            yield sa.and_(Case.version_id == version_id, Case.ended_at < before)


def over(today: date) -> int:
    """How many ended cases have passed their term, so that the archive may look at them."""
    ended = sa.select(sa.func.count()).select_from(Case)
    return sum(db.session.scalar(ended.where(each)) or 0 for each in passed(today))


def sweep(now: datetime) -> int:
    """Forget drafts of steps that are over, applications given up, keys of old acts; how many."""
    open_steps = sa.select(Step.id).where(Step.status == "open")
    idle = sa.delete(Draft).where(Draft.step_id.is_(None), Draft.saved_at < now - DRAFTS)
    gone = [
        sa.delete(Draft)
        .where(Draft.step_id.is_not(None), Draft.step_id.not_in(open_steps))
        .returning(Draft.id),
        idle.returning(Draft.id),
        sa.delete(Act).where(Act.at < now - ACTS).returning(Act.key),
    ]
    return sum(len(db.session.execute(each).all()) for each in gone)
