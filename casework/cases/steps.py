"""What people do with a case: open it, complete a step, take it back; once each, under its lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import clock, journal, places, procedures, rules
from casework.cases import (
    attached,
    begun,
    effects,
    links,
    numbers,
    persons,
    privacy,
    recorders,
    seen,
    standstill,
)
from casework.cases.facts import at_opening
from casework.cases.model import Case, Step
from casework.cases.rows import lock, locked, sign
from casework.cases.settle import join, settle
from casework.cases.turn import Turn
from casework.db import Base, Moment, Prepared, db
from casework.engine import flow
from casework.errors import Conflict, NotYet
from casework.people import Post, signature
from casework.words import _, both

_DESKS, _ACTS = Base.metadata.tables["desk"], Base.metadata.tables["act"]
_TAKE = Prepared(
    sa.text(
        "INSERT INTO act (key, user_id, at, leads_to) VALUES (:key, :user_id, :at, :leads_to) "
        "ON CONFLICT DO NOTHING RETURNING key"
    )
    .bindparams(sa.bindparam("at", type_=Moment()))
    .columns(key=sa.String())
)
_LED_TO = Prepared(
    sa.select(_ACTS.c.leads_to).where(
        _ACTS.c.key == sa.bindparam("act"), _ACTS.c.user_id == sa.bindparam("by")
    )
)
_LED = Prepared(
    sa.update(_ACTS).where(_ACTS.c.key == sa.bindparam("act")).values(leads_to=sa.bindparam("to"))
)
_CLEAR_DESK = Prepared(sa.delete(_DESKS).where(_DESKS.c.step_id == sa.bindparam("done")))


class Beaten(Conflict):
    """Somebody else completed the step first; carries what that person did."""

    says = _("此步骤已由他人办理，您的内容没有提交。")

    def __init__(self, step: Step) -> None:
        self.step = step
        super().__init__()


@dataclass(frozen=True)
class Done:
    """An act already carried out with this key, and where it led."""

    leads_to: str


def once(key: str, by: Post, now: datetime, leads_to: str = "") -> Done | None:
    """Take the key of an act, first in its transaction; Done when it was taken before (trust.md 3.1)."""
    if _TAKE.run(key=key, user_id=by.user_id, at=now, leads_to=leads_to):
        return None
    done = already(key, by)
    if done is None:
        raise Conflict
    return done


def already(key: str, by: Post) -> Done | None:
    """Whether this very act was carried out before (a second click, a page sent again)."""
    found = _LED_TO.run(act=key, by=by.user_id) if key else []
    return Done(found[0][0]) if found else None


def led(key: str, to: str) -> None:
    """Remember where the act with this key led."""
    _LED.run(act=key, to=to)


def open_case(
    key: str,
    *,
    by: Post,
    answers: Mapping[str, Any],
    project_id: int | None = None,
    proof: Mapping[str, Any] | None = None,
    about: Case | None = None,
    itself: bool = False,
    now: datetime | None = None,
) -> Case:
    """Open a case with the application as its first, already completed step.

    `about`: the case it concerns. `itself`: the drawing of that case asks for it, in the name of its starter;
    nobody has applied.
    """
    version_id, now = procedures.current(key), now or clock.now()
    procedure = procedures.of(version_id)
    _may_begin(procedure, about, by, now, itself=itself)
    project = places.find(project_id, by=by) if project_id else about.project if about else None
    _ask_single(procedure, project)
    case = _entered(key, version_id, by, project, now, about=about)
    turn = Turn(case, None if itself else by, now)
    turn.answers = dict(answers)
    kept = {k: v for k, v in answers.items() if k in procedure.flow.keeps}
    case.title, case.title_en = _titles(turn, kept)
    db.session.add(case)
    db.session.flush()
    join(case, by.organisation_id, "")
    detail = {"title": case.title} | ({"about": about.number} if about else {})
    journal.write(case, "opened", at=now, by=turn.by, who=signature(by) if turn.by else "", detail=detail)
    _first_step(turn, by, proof)
    position = flow.begin(
        procedure.flow, turn.scope(kept), now=now, carry_out=effects.carrier(turn), functions=turn.functions
    )
    settle(turn, position)
    begun.happened(case)
    _let_watch(turn)
    return case


def _entered(
    key: str,
    version_id: int,
    by: Post,
    project: places.Project | None,
    now: datetime,
    *,
    about: Case | None = None,
) -> Case:
    """A new case with its number and what the office knows that day; it has no title and has not begun."""
    number = numbers.case_number(procedures.of(version_id).code, clock.local(now).year)
    return Case(
        number=number,
        version_id=version_id,
        key=key,
        title="",
        state="",
        variables={},
        facts=at_opening(by, project, number, now, about=about, key=key),
        project_id=project.id if project else None,
        starter_organisation_id=by.organisation_id,
        starter_user_id=by.user_id,
        parent_id=about.id if about else None,
        opened_at=now,
        journal_seq=0,
        journal_head="",
        revision=0,
        flows="",
        waits="",
    )


def _let_watch(turn: Turn) -> None:
    """The lanes that see the case from its opening."""
    procedure = turn.procedure
    for lane in procedure.about.get("watches") or ():
        if (watching := turn.value(procedure.parties[lane].organisation)) is not None:
            join(turn.case, int(watching), lane)


def stand_in(key: str, *, by: Post, project: places.Project, shows: Mapping[str, Any]) -> Case:
    """A case that others may concern, without a life of its own: for rehearsed stories (casework/stories)."""
    case = _entered(key, procedures.current(key), by, project, clock.now())
    case.title, case.variables = f"{case.procedure.title}：{project.name}", dict(shows)
    db.session.add(case)
    db.session.flush()
    join(case, by.organisation_id, "")
    return case


def _may_begin(
    procedure: procedures.Procedure, about: Case | None, by: Post, now: datetime, *, itself: bool
) -> None:
    procedure.ask_known()
    if itself and about is not None:
        return links.asked(procedure, about, by.organisation, now)
    rules.start.ask(by, procedure.about.get("starts"))
    if about is not None:
        links.follows(procedure, about, by=by, now=now)
    elif procedure.subject == "case":
        raise NotYet(_("请先选择所针对的案件。"))
    return None


def _titles(turn: Turn, kept: Mapping[str, Any]) -> tuple[str, str]:
    """What the case is called in both languages; without an English title the Chinese one serves."""
    scope, english = turn.scope(kept), turn.procedure.case_title_en
    title = str(turn.procedure.case_title.require(scope, turn.functions))
    return title[:300], str(english.require(scope, turn.functions))[:300] if english else ""


def _ask_single(procedure: procedures.Procedure, project: places.Project | None) -> None:
    """Of some procedures a project has one case at a time: two handovers would contradict each other."""
    if project is None or procedure.about.get("single") is not True:
        return
    places.hold([project.id])
    running = sa.select(Case.id).where(
        Case.key == procedure.key, Case.project_id == project.id, Case.status == "open"
    )
    if db.session.scalars(running.limit(1)).first() is not None:
        named = both(procedure.title, procedure.says(procedure.title, "en"))
        raise NotYet(_("本项目的“%(title)s”正在办理，办结或者撤回之前不能再次申报。", title=named))


def _first_step(turn: Turn, starter: Post, proof: Mapping[str, Any] | None) -> None:
    """The application counts as a step that was done when the case was opened."""
    procedure, case, by = turn.procedure, turn.case, turn.by
    start = next(e for e in procedure.flow.elements.values() if e.kind == "startEvent")
    step = Step(
        case_id=case.id,
        token="start",  # noqa: S106  the token of a flow, not a password
        element=start.id,
        name=procedure.forms[procedure.asks].title.zh,
        lane=start.lane,
        organisation_id=starter.organisation_id,
        roles=starter.role,
        form=procedure.asks,
        status="done",
        opened_at=turn.now,
        done_at=turn.now,
        done_post_id=by.id if by else None,
        done_user_id=by.user_id if by else None,
        answers=turn.answers,
        proof=dict(proof) if proof else None,
    )
    db.session.add(step)
    db.session.flush()
    turn.step = step
    detail = _signed(turn, step, proof)
    who = signature(by) if by else ""
    journal.write(case, "submitted", at=turn.now, by=by, who=who, element=start.id, detail=detail)


def _signed(turn: Turn, step: Step, proof: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the record says of a step: the answers, how they were signed, the bytes that came with them."""
    files = attached.signed(turn.procedure.forms.get(step.form), turn.answers)
    return {"step": step.id, "answers": turn.answers, "proof": proof, **files}


def complete(
    step_id: int,
    *,
    by: Post,
    answers: Mapping[str, Any],
    proof: Mapping[str, Any] | None = None,
    shown: str | None = None,
    now: datetime | None = None,
) -> Case:
    """Record the answers under the signer's name and let the case move on; Beaten when already done.

    `shown`: the mark of the page they come from (casework/cases/seen.py).
    """
    step = locked(step_id)
    case = step.case
    turn = Turn(case, by, now or clock.now())
    _may(turn, step, by)
    seen.ask(turn, step, shown)
    turn.answers, turn.step = dict(answers), step
    sign(
        step,
        status="done",
        done_at=turn.now,
        done_post_id=by.id,
        done_user_id=by.user_id,
        answers=turn.answers,
        proof=dict(proof) if proof else None,
    )
    _CLEAR_DESK.run(done=step.id)
    detail = _signed(turn, step, proof)
    journal.write(
        case, "completed", at=turn.now, by=by, who=signature(by), element=step.element, detail=detail
    )
    recorders.record(turn)
    position = flow.advance(
        turn.procedure.going_on,
        case.state,
        turn.scope(),
        step.token,
        turn.answers,
        now=turn.now,
        carry_out=effects.carrier(turn),
        functions=turn.functions,
    )
    settle(turn, position)
    return case


def _may(turn: Turn, step: Step, by: Post) -> None:
    case = turn.case
    rules.complete.ask(by, step)
    if step.status == "done":
        raise Beaten(step)
    if step.status != "open" or case.status != "open":
        raise Conflict
    privacy.ask_person(turn, step, by)
    standstill.ask(turn, step, by)
    properties = turn.procedure.flow.elements[step.element].properties
    if properties.get("not_own", "true") == "true" and step.organisation_id != case.starter_organisation_id:
        rules.not_own.ask(by, case, case.starter_user_id)
    persons.ask(step, by)


def withdraw(case_id: int, *, by: Post, reason: str, now: datetime | None = None) -> Case:
    """The applicant takes the application back; everything that waits is cancelled."""
    case = lock(case_id)
    rules.withdraw.ask(by, case)
    if case.status != "open":
        raise Conflict
    turn = Turn(case, by, now or clock.now())
    rules.withdrawable.ask(turn.procedure.about.get("withdraw", True), case.variables or {})
    detail = {"reason": reason}
    journal.write(case, "withdrawn", at=turn.now, by=by, who=signature(by), detail=detail)
    case.status, case.ended_at = "withdrawn", turn.now
    position = flow.withdraw(
        turn.procedure.flow,
        case.state,
        turn.scope(),
        now=turn.now,
        carry_out=effects.carrier(turn),
        functions=turn.functions,
    )
    settle(turn, position)
    effects.withdrawn(turn)
    return case
