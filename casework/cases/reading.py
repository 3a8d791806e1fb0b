"""Papers that not every party may open: a report for some, names that are secret until the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework import clock, notices, papers, procedures
from casework.cases import lists, unnamed
from casework.cases.model import Case, Party, Step
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import values
from casework.engine.elements import Element
from casework.engine.feel import FeelError
from casework.errors import Refused
from casework.journal import Entry
from casework.papers import Kind, Paper
from casework.people import Post
from casework.words import Words, _, both

#: Entries of the record by which a paper has ended.
ENDED = ("paper withdrawn", "paper lapsed")


def closed(case: Case, issued: Iterable[Paper], by: Post, now: datetime) -> dict[int, Words]:
    """Those of its papers that this reader may not open, each with the sentence that says why."""
    others = (one for one in issued if addressee(case, one) != by.organisation_id)
    found = {one.id: _why(case, case.procedure.papers.get(one.code), by, now) for one in others}
    return {paper_id: why for paper_id, why in found.items() if why is not None}


def addressee(case: Case, paper: Paper) -> int | None:
    """To which organisation it is addressed, where such a paper is issued to several one by one."""
    said = (case.procedure.about.get("bidding") or {}).get("own") or {}
    to = paper.data.get(said[paper.code]) if paper.code in said else None
    return None if to is None else int(to)


def ask(case: Case, paper: Paper, by: Post, now: datetime) -> None:
    """Go on where this reader may open the paper; Refused with the reason."""
    why = closed(case, [paper], by, now).get(paper.id)
    if why is not None:
        raise Refused(why)


def ended(case: Case, issued: Iterable[Paper], lang: str) -> dict[int, str]:
    """Why each paper is no longer in force: as it was written, in English where the drawing says it so."""
    found = {one.id: one.reason for one in issued if one.reason}
    if lang != "en" or not found:
        return found
    told = sa.select(Entry.detail).where(Entry.case_id == case.id, Entry.what.in_(ENDED))
    for fact in map(values.loads, db.session.scalars(told)):
        if fact["paper"] in found and fact.get("reason_en"):
            found[fact["paper"]] = fact["reason_en"]
    return found


@dataclass(frozen=True)
class Laid:
    """A paper in force beside a step, with the case that issued it."""

    case: Case
    paper: Paper

    def title(self, lang: str) -> str:
        """What it is called there."""
        return self.case.procedure.says(self.paper.title, lang)


def first(step: Step, by: Post, now: datetime) -> list[Laid]:
    """The papers in force that the drawing lays beside a step, to be read before it is done (`reads`).

    Of its own case and of the cases about it: the report on the bids belongs to the committee's. Of the case
    it concerns, those that its own procedure does not know: the documents of the tender that failed, and of
    the one that had failed before it.
    """
    codes = reads(step)
    if not codes:
        return []
    strange = codes - set(step.case.procedure.papers)
    seen = [one for one in _concerned(step.case) if lists.open_to(by, one)] if strange else []
    found = [laid for one in seen for laid in _laid(one, strange, by, now)]
    around = sa.select(Case).where((Case.id == step.case_id) | (Case.parent_id == step.case_id))
    for case in db.session.scalars(around.order_by(Case.id)):
        found += _laid(case, codes, by, now)
    return found


def _laid(case: Case, codes: set[str], by: Post, now: datetime) -> list[Laid]:
    issued = papers.genuine(case.id, codes & set(case.procedure.papers))
    shut = closed(case, issued, by, now)
    return [Laid(case, one) for one in issued if one.id not in shut]


def _concerned(case: Case) -> list[Case]:
    """The case that this one concerns and those of the same kind which that one follows, oldest first."""
    found: list[Case] = []
    other = case.parent
    while other is not None and (not found or other.key == found[0].key):
        found.insert(0, other)
        other = other.parent
    return found


def reads(step: Step) -> set[str]:
    """What the drawing lays beside a step: codes of papers, and `notices` for all notices of the case.

    `concerned.notices`: those of the case that it concerns, and of those which that one follows.
    """
    return _read(step.case.procedure.flow.elements[step.element])


def _read(element: Element) -> set[str]:
    return set(element.properties.get("reads", "").split())


def board(step: Step, today: date) -> list[tuple[notices.Notice, bool]]:
    """The notices that the drawing lays beside the step, and whether they hang today."""
    said = reads(step)
    of = [step.case] if "notices" in said else []
    of += _concerned(step.case) if "concerned.notices" in said else []
    found = [one for case in of for one in notices.of(case.id)]
    return [(one, notices.hangs(one, today)) for one in found]


def _why(case: Case, kind: Kind | None, by: Post, now: datetime) -> Words | None:
    if kind is None:
        return None
    says = case.procedure.says
    basis = both(kind.basis, says(kind.basis, "en"))
    if kind.unnamed and unnamed.steps(case, by, now):
        return _("载明成员姓名，结果确定以前保密（%(basis)s）。", basis=basis)
    if not kind.readers or by.role == "auditor" or _one_of(case, kind, by) or _given(case, kind, by):
        return None
    who = both("、".join(kind.readers), ", ".join(says(lane, "en") for lane in kind.readers))
    return _("不公开，只供%(who)s查阅（%(basis)s）。", who=who, basis=basis)


def _one_of(case: Case, kind: Kind, by: Post) -> bool:
    """Whether this post acts for one of the lanes that read the paper, also where no step waits for it."""
    parties = case.procedure.parties
    mine = sa.select(Party.lane).where(
        Party.case_id == case.id, Party.organisation_id == by.organisation_id, Party.lane.in_(kind.readers)
    )
    if any(by.role in parties[lane].roles for lane in db.session.scalars(mine)):
        return True
    turn = Turn(case, by, clock.now())
    named = (parties[lane] for lane in kind.readers if by.role in parties[lane].roles)
    return any(_stands_for(turn, one) == by.organisation_id for one in named)


def _stands_for(turn: Turn, party: procedures.Party) -> Any:
    try:
        return turn.value(party.organisation)
    except FeelError:
        return None


def _given(case: Case, kind: Kind, by: Post) -> bool:
    """Whether a step of this post lays the paper before it: who is to file a report reads it.

    Asked of the few steps whose drawing names the paper, however many the case has.
    """
    named = {one.id: _laying(one, kind, by) for one in (case, case.parent) if one is not None}
    laying = [sa.and_(Step.case_id == one, Step.element.in_(found)) for one, found in named.items() if found]
    mine = (Step.organisation_id == by.organisation_id, Step.status.in_(("open", "done")))
    return bool(laying) and db.session.scalar(sa.select(sa.exists().where(sa.or_(*laying), *mine))) is True


def _laying(case: Case, kind: Kind, by: Post) -> list[str]:
    """The steps of a drawing that lay the paper before such a post."""
    procedure = case.procedure
    return [
        one.id
        for one in procedure.flow.elements.values()
        if kind.code in _read(one) and one.lane and by.role in procedure.parties[one.lane].roles
    ]
