"""The dossier of a project: its life as a line of stages, what is open and who holds it, papers, deadlines.

Stages come from `life` in procedure.yaml; no procedure is named here. A reader meets only the cases that
the ledger shows him; that a stage is completed is made known anyway (notices, register), so everybody may
know it. The number of queries does not grow with the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload

from casework import clock, notices, papers, places, procedures, violations
from casework.cases import asking, lists, reading
from casework.cases.model import Case, Step, Timer
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import feel
from casework.people import Organisation, Post
from casework.places import Project
from casework.procedures import Procedure
from casework.words import Words, _

#: What a stage of the line, or an open deadline, is called that stands so.
STATES: dict[str, Words] = {
    "done": _("已完成"),
    "open": _("办理中"),
    "late": _("逾期"),
    "none": _("未开始"),
    "unknown": _("尚未完成"),
}
#: How a deadline ended.
KEPT: dict[str, Words] = {"kept": _("按期"), "missed": _("逾期办理"), "over": _("已不须办理")}
STATUSES: dict[str, Words] = {"open": _("办理中"), "ended": _("已办结"), "withdrawn": _("已撤回")}
#: Rows of a kind on one dossier, the newest; the pages of the cases show all.
SHOWN = 300


@dataclass(frozen=True)
class Stage:
    """One stage of the line.

    `state`: done, late, open, none (not begun), unknown (this reader does not see all of its cases).
    """

    procedures: tuple[Procedure, ...]
    state: str
    on: date | None
    cases: tuple[Case, ...]

    def label(self, lang: str) -> str:
        """Its name."""
        life = self.procedures[0].life
        return "" if life is None else life.label_en if lang == "en" else life.label

    @property
    def aside(self) -> bool:
        """Not every project passes it."""
        return all(one.life is not None and one.life.aside for one in self.procedures)


@dataclass(frozen=True)
class Held:
    """One step of one case with everybody who holds, or held, a copy of it until the same date.

    `state`: open, late, kept, missed, over (the step fell away). Without steps the clock itself acts.
    """

    case: Case
    name: str
    due: datetime | None
    explanation: dict[str, Any] | None
    state: str
    steps: tuple[Step, ...] = ()
    #: the step that a clock watches over
    watches: str = ""

    @property
    def holders(self) -> list[Organisation]:
        """Who holds a copy that still waits; of what is over: who held one."""
        waiting = [step for step in self.steps if step.status == "open"] or self.steps
        return list({step.organisation_id: step.organisation for step in waiting}.values())

    @property
    def since(self) -> datetime:
        """From when the first copy that still waits lies there."""
        return min(step.opened_at for step in self.steps if step.status == "open")


@dataclass(frozen=True)
class Dossier:
    """Everything about one project that this reader may see."""

    project: Project
    stages: tuple[Stage, ...]
    cases: dict[int, Case]
    #: what is open, and by whose hand it waits; the most urgent first
    waiting: tuple[Held, ...]
    #: what the clock will do by itself
    clocks: tuple[Held, ...]
    #: the deadlines that are over, the newest first
    past: tuple[Held, ...]
    papers: tuple[papers.Paper, ...]
    #: those of them that this reader may not open
    closed: frozenset[int]
    notices: tuple[notices.Notice, ...]
    #: the rooms on the register, for those who may read all of the project
    rooms: Sequence[places.Room]
    #: area of the management rooms: on the register, and handed over
    registered: Decimal
    delivered: Decimal
    #: leads about an unlawful selection, for the bureau and its auditors
    violations: Sequence[violations.Violation]


def of(project: Project, *, by: Post | None, now: datetime) -> Dossier:
    """The dossier as this reader may see it."""
    everything = _cases(project.id)
    seen = _seen(everything, by)
    cases = {case.id: case for case in everything if case.id in seen}
    steps, timers = _steps(cases), _timers(cases)
    held = [*_held(cases, steps, now)]
    waiting = tuple(sorted((one for one in held if one.state in {"open", "late"}), key=_urgency))
    past = (one for one in held if one.state not in {"open", "late"})
    late = {one.case.id for one in waiting if one.state == "late"}
    issued = _papers(cases)
    whole = places.may.see_all(by, project) and violations.read(by)
    rooms = places.rooms_of(project.id) if places.may.see_all(by, project) else ()
    areas = places.delivered([project.id]).get(project.id) or {}
    return Dossier(
        project=project,
        stages=tuple(_stages(project, everything, seen, late, whole=whole)),
        cases=cases,
        waiting=waiting,
        clocks=tuple(_clocks(cases, waiting, timers, now)),
        past=tuple(sorted(past, key=_urgency, reverse=True)),
        papers=issued,
        closed=_closed(cases, issued, by, now),
        notices=_notices(cases, everything, clock.local(now).date()),
        rooms=rooms,
        registered=areas.get("registered") or Decimal(0),
        delivered=areas.get("delivered") or Decimal(0),
        violations=violations.of_project(project.id) if whole else (),
    )


def _urgency(one: Held) -> tuple[bool, datetime, int]:
    return (one.due is None, one.due or one.steps[0].opened_at, one.case.id)


def _cases(project_id: int) -> list[Case]:
    query = sa.select(Case).where(Case.project_id == project_id).order_by(Case.id.desc()).limit(SHOWN)
    heavy = [defer(each) for each in (Case.state, Case.waits, Case.flows)]
    return list(db.session.scalars(query.options(*heavy, joinedload(Case.starter))))[::-1]


def _seen(cases: Iterable[Case], by: Post | None) -> frozenset[int]:
    """Which of the cases this reader may open: the rule of the ledger, in one statement."""
    ids = [case.id for case in cases]
    if by is None or by.role == "admin" or not ids:
        return frozenset()
    return frozenset(db.session.scalars(sa.select(Case.id).where(Case.id.in_(ids), lists.visible(by))))


def _steps(cases: dict[int, Case]) -> list[Step]:
    """What waits, and what had a date."""
    dated = sa.or_(Step.status == "open", Step.due.is_not(None))
    query = sa.select(Step).where(Step.case_id.in_(cases), dated).order_by(Step.id.desc())
    query = query.options(defer(Step.answers), defer(Step.proof), joinedload(Step.organisation))
    return list(db.session.scalars(query.limit(SHOWN))) if cases else []


def _timers(cases: dict[int, Case]) -> list[Timer]:
    if not cases:
        return []
    return list(db.session.scalars(sa.select(Timer).where(Timer.case_id.in_(cases)).order_by(Timer.due)))


def _papers(cases: dict[int, Case]) -> tuple[papers.Paper, ...]:
    query = sa.select(papers.Paper).where(papers.Paper.case_id.in_(cases))
    query = query.options(defer(papers.Paper.data)).order_by(papers.Paper.id.desc()).limit(SHOWN)
    return tuple(db.session.scalars(query)) if cases else ()


def _closed(
    cases: dict[int, Case], issued: Iterable[papers.Paper], by: Post | None, now: datetime
) -> frozenset[int]:
    return frozenset(one.id for one in issued if by and reading.closed(cases[one.case_id], [one], by, now))


def _notices(cases: dict[int, Case], everything: list[Case], today: date) -> tuple[notices.Notice, ...]:
    """The notices of the reader's cases, and of all others those that hang on the board today."""
    query = sa.select(notices.Notice).where(notices.Notice.case_id.in_([case.id for case in everything]))
    query = query.order_by(notices.Notice.id.desc()).limit(SHOWN)
    found = db.session.scalars(query)
    return tuple(one for one in found if one.case_id in cases or notices.hangs(one, today))


def _stages(
    project: Project, everything: list[Case], seen: frozenset[int], late: set[int], *, whole: bool
) -> Iterable[Stage]:
    """The stages of the line in their order, each with the cases of its procedures."""
    offered = [one for one in procedures.offered() if one.life is not None]
    register = {"project": places.facts(project)}
    by_label: dict[str, list[Procedure]] = {}
    for one in offered:
        by_label.setdefault(one.life.label if one.life else "", []).append(one)
    for group in by_label.values():
        keys = {one.key for one in group}
        own = [case for case in everything if case.key in keys]
        done = [day for case in own if (day := done_on(case)) is not None]
        done += [day for one in group if (day := _registered(one, register)) is not None]
        stage = _stage(tuple(group), own, done, seen, late, whole=whole)
        if not stage.aside or stage.cases:
            yield stage


def _stage(
    group: tuple[Procedure, ...],
    cases: list[Case],
    done: list[date],
    seen: frozenset[int],
    late: set[int],
    *,
    whole: bool,
) -> Stage:
    own = tuple(case for case in cases if case.id in seen)
    known = cases if whole else own  # that one goes on is known to whoever supervises, not what is in it
    running = [case for case in known if case.status == "open" and done_on(case) is None]
    begun = clock.local(min(case.opened_at for case in running)).date() if running else None
    if running and (not done or (begun is not None and begun >= max(done))):
        state = "late" if late & {case.id for case in running} else "open"
        return Stage(group, state, begun, own)
    if done:
        return Stage(group, "done", max(done), own)
    return Stage(group, "none" if whole else "unknown", None, own)


def done_on(case: Case) -> date | None:
    """The day from which the case has completed its stage, as its procedure says; None: not yet, or never."""
    life = case.procedure.life
    if life is None or case.status == "withdrawn":
        return None
    if life.done_on is None:
        return clock.local(case.ended_at).date() if case.ended_at else None
    return _day(life.done_on, case.variables or {})


def _registered(procedure: Procedure, register: dict[str, Any]) -> date | None:
    """The day that the register gives, where the stage was passed without a case."""
    expression = procedure.life.registered_on if procedure.life else None
    return _day(expression, register) if expression else None


def _day(expression: feel.Expression, scope: Mapping[str, Any]) -> date | None:
    try:
        found = expression.evaluate(scope, {})
    except feel.FeelError:
        return None
    if isinstance(found, datetime):
        return clock.local(found).date()
    return found if isinstance(found, date) else None


def _held(cases: dict[int, Case], steps: list[Step], now: datetime) -> Iterable[Held]:
    """Open steps and past deadlines; the copies of one step with the same date are one."""
    order = sorted(steps, key=lambda s: (s.case_id, s.element, str(s.due), s.id))
    for _same, found in groupby(order, key=lambda s: (s.case_id, s.element, s.due)):
        copies = tuple(found)
        states = {_state(step, now) for step in copies}
        state = next(each for each in ("late", "open", "missed", "kept", "over") if each in states)
        first = copies[0]
        yield Held(cases[first.case_id], first.name, first.due, first.explanation, state, copies)


def _state(step: Step, now: datetime) -> str:
    if step.status == "open":
        return "late" if step.due is not None and step.due <= now else "open"
    if step.status != "done" or step.done_at is None or step.due is None:
        return "over"
    return "kept" if step.done_at < step.due else "missed"


def _clocks(
    cases: dict[int, Case], waiting: Sequence[Held], timers: list[Timer], now: datetime
) -> Iterable[Held]:
    """What the clock will do by itself, where no step has the same date already."""
    known = {(one.case.id, one.due) for one in waiting}
    for timer in timers:
        case = cases[timer.case_id]
        if (timer.case_id, timer.due) not in known:
            name, watches = _named(case.procedure, timer.element)
            why = timer.explanation or _why(case, timer.due, now)
            yield Held(case, name, timer.due, why, "open", watches=watches)


def _named(procedure: Procedure, element_id: str) -> tuple[str, str]:
    """What the drawing calls a clock, and the step it sits on."""
    elements = procedure.flow.elements
    element = elements.get(element_id)
    below = elements.get(element.attached) if element and element.attached else None
    return (element.name if element else "") or element_id, below.name if below else ""


def _why(case: Case, at: datetime, now: datetime) -> dict[str, Any] | None:
    """Which deadline of the procedure gives this moment, and its arithmetic."""
    turn = Turn(case, None, now)
    for name in turn.procedure.deadlines:
        try:
            due = asking.due(turn.procedure, name, turn.scope(), turn.functions, now)
        except feel.FeelError:
            continue
        if due is not None and due.at == at:
            return due.explanation.dump()
    return None
