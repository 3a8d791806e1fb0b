"""Papers that not every party may open: a report for some, names that are secret until the result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from casework import papers
from casework.cases import unnamed
from casework.cases.model import Case, Party, Step
from casework.db import db
from casework.errors import Refused
from casework.papers import Kind, Paper
from casework.people import Post
from casework.words import Words, _, both


def closed(case: Case, issued: Iterable[Paper], by: Post, now: datetime) -> dict[int, Words]:
    """Those of its papers that this reader may not open, each with the sentence that says why."""
    found = {one.id: _why(case, case.procedure.papers.get(one.code), by, now) for one in issued}
    return {paper_id: why for paper_id, why in found.items() if why is not None}


def ask(case: Case, paper: Paper, by: Post, now: datetime) -> None:
    """Go on where this reader may open the paper; Refused with the reason."""
    why = closed(case, [paper], by, now).get(paper.id)
    if why is not None:
        raise Refused(why)


def first(step: Step, by: Post, now: datetime) -> list[Paper]:
    """The papers in force that the drawing lays beside a step, to be read before it is done (`reads`)."""
    codes = step.case.procedure.flow.elements[step.element].properties.get("reads", "").split()
    if not codes:
        return []
    found = papers.genuine(step.case_id, codes)
    shut = closed(step.case, found, by, now)
    return [one for one in found if one.id not in shut]


def _why(case: Case, kind: Kind | None, by: Post, now: datetime) -> Words | None:
    if kind is None:
        return None
    says = case.procedure.says
    basis = both(kind.basis, says(kind.basis, "en"))
    if kind.unnamed and unnamed.steps(case, by, now):
        return _("载明成员姓名，结果确定以前保密（%(basis)s）。", basis=basis)
    if not kind.readers or by.role == "auditor" or _one_of(case, kind, by):
        return None
    who = both("、".join(kind.readers), ", ".join(says(lane, "en") for lane in kind.readers))
    return _("不公开，只供%(who)s查阅（%(basis)s）。", who=who, basis=basis)


def _one_of(case: Case, kind: Kind, by: Post) -> bool:
    """Whether this post may act in one of the lanes that read the paper."""
    mine = sa.select(Party.lane).where(
        Party.case_id == case.id, Party.organisation_id == by.organisation_id, Party.lane.in_(kind.readers)
    )
    return any(by.role in case.procedure.parties[lane].roles for lane in db.session.scalars(mine))
