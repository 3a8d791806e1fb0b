"""What moves a case besides people: the clock, a message from another case, a second try."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import deadlines, journal, outbox, procedures
from casework.cases import effects
from casework.cases.model import Case, Desk, Step, Subscription, Timer
from casework.cases.rows import lock, write
from casework.cases.settle import settle
from casework.cases.steps import signature
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import flow
from casework.people import Post
from casework.words import say_in


def due(now: datetime, limit: int = 100) -> list[int]:
    """The cases whose next timer has come: one look at an index."""
    query = sa.select(Timer.case_id).where(Timer.due <= now).group_by(Timer.case_id)
    return list(db.session.scalars(query.order_by(sa.func.min(Timer.due)).limit(limit)))


def tick(case_id: int, now: datetime) -> Case:
    """Let due timers act."""
    case = lock(case_id)
    turn = Turn(case, None, now)
    if turn.procedure.outdated:
        return _stand_still(turn)
    fired = list(
        db.session.execute(
            sa.select(Timer.element, Timer.due).where(Timer.case_id == case_id, Timer.due <= now)
        )
    )
    for element, moment in fired:
        journal.write(case, "timer", at=now, element=element, detail={"due": moment})
    _move(turn, flow.tick)
    return case


def _stand_still(turn: Turn) -> Case:
    """Time passes for a case that this program cannot carry on: said once; `retry` lets it run again."""
    case, told = turn.case, procedures.Outdated(turn.procedure.outdated[0])
    incident = {"element": told.finding.element, "token": "", "expression": ""}
    incident |= {lang: say_in(lang, told.says) for lang in ("zh", "en")}
    journal.write(case, "incident", at=turn.now, element=told.finding.element, detail=incident)
    case.incident, case.waits = [*(case.incident or []), incident], ""
    db.session.execute(sa.delete(Timer).where(Timer.case_id == case.id))
    write(case)
    return case


def tell(message: str, payload: Mapping[str, Any], correlation: str | None, now: datetime) -> list[Case]:
    """Deliver a message to every open case that waits for it with this correlation."""
    query = sa.select(Subscription.case_id).where(Subscription.message == message).distinct()
    if correlation is not None:
        query = query.where(
            sa.or_(Subscription.correlation == correlation, Subscription.correlation.is_(None))
        )
    told = []
    for case_id in list(db.session.scalars(query.order_by(Subscription.case_id))):  # all lock in this order
        case = lock(case_id)
        turn = Turn(case, None, now)
        journal.write(case, "message", at=now, detail={"message": message, "payload": dict(payload)})

        def deliver(drawing: Any, state: str, variables: Any, **rest: Any) -> flow.Position:
            return flow.tell(drawing, state, variables, message, payload, correlation=correlation, **rest)

        _move(turn, deliver)
        told.append(case)
    return told


def retry(case_id: int, *, by: Post | None, now: datetime) -> Case:
    """Try again what failed, after its cause was mended."""
    case = lock(case_id)
    turn = Turn(case, by, now)
    journal.write(case, "retried", at=now, by=by, who=signature(by) if by else "")
    known = case.incident or []
    for one in known:
        if "again" in one:
            outbox.put("open", one["again"], due=now, case_id=case.id)
    case.incident = [i for i in known if "again" not in i] or None
    if case.status == "open":
        _move(turn, flow.retry)
    return case


def provisional() -> list[int]:
    """The open cases with a date that may move once the official calendar of its year is there (B.1)."""
    steps = sa.select(Step.case_id).where(Step.status == "open", _may_move(Step.explanation))
    found = sa.union(steps, sa.select(Timer.case_id).where(Timer.explanation.is_not(None))).subquery()
    return list(db.session.scalars(sa.select(found.c.case_id).order_by(found.c.case_id)))


def _may_move(explanation: Any) -> sa.ColumnElement[bool]:
    return sa.cast(explanation, sa.Text).like('%"provisional":true%')


def recompute(case_id: int, now: datetime) -> int:
    """Reckon the provisional dates of a case again, of steps and of timers alike; how many have changed."""
    turn = Turn(lock(case_id), None, now)
    return _steps_again(turn) + _timers_again(turn)


def _steps_again(turn: Turn) -> int:
    waiting = sa.select(Step).where(
        Step.case_id == turn.case.id, Step.status == "open", _may_move(Step.explanation)
    )
    moved = 0
    for step in list(db.session.scalars(waiting.order_by(Step.id).execution_options(populate_existing=True))):
        due = deadlines.recompute(deadlines.Explanation.load(step.explanation))
        if due.at == step.due and due.provisional:
            continue
        _note(turn, step.element, {"step": step.id, "was": step.due, "due": due.at})
        step.due, step.explanation = due.at, due.explanation.dump()
        db.session.execute(sa.update(Desk).where(Desk.step_id == step.id).values(due=due.at))
        moved += 1
    return moved


def _timers_again(turn: Turn) -> int:
    waiting = sa.select(Timer).where(Timer.case_id == turn.case.id, Timer.explanation.is_not(None))
    dues: dict[str, datetime] = {}
    settled = 0
    for timer in list(db.session.scalars(waiting.order_by(Timer.token))):
        due = deadlines.recompute(deadlines.Explanation.load(timer.explanation))
        if due.at == timer.due and due.provisional:
            continue
        told = due.explanation.dump()
        timer.explanation = told if due.provisional else None
        settled += 1
        if due.at != timer.due:
            _note(turn, timer.element, {"timer": timer.token, "was": timer.due, "due": due.at})
            dues[timer.token], turn.explanations[due.at] = due.at, told
    if dues:
        db.session.flush()

        def put_off(drawing: Any, state: str, variables: Any, **rest: Any) -> flow.Position:
            return flow.set_due(drawing, state, variables, dues, **rest)

        _move(turn, put_off)
    return settled


def _note(turn: Turn, element: str, detail: dict[str, Any]) -> None:
    journal.write(turn.case, "recomputed", at=turn.now, element=element, detail=detail)


def _move(turn: Turn, how: Callable[..., flow.Position]) -> None:
    position = how(
        turn.procedure.going_on,
        turn.case.state,
        turn.scope(),
        now=turn.now,
        carry_out=effects.carrier(turn),
        functions=turn.functions,
    )
    settle(turn, position)
