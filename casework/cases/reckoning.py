"""Dates that are reckoned again: a year's calendar is published, an order suspends a case or is lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import clock, deadlines, journal
from casework.cases import orders, standstill
from casework.cases.model import NEVER, Case, Desk, Step, Timer
from casework.cases.onward import set_due
from casework.cases.rows import lock
from casework.cases.turn import Turn
from casework.db import db

#: How long before its end a period that stands still is carried on, so that it never seems to be over.
AHEAD = timedelta(days=2)


def unsettled(now: datetime) -> list[int]:
    """The open cases with a date that may move once the official calendar of its year is there (B.1).

    And those with a period that stands still and would otherwise be over.
    """
    resting = sa.and_(_says(Step.explanation, '"ends":null'), Step.due < now + AHEAD)
    moves = sa.or_(_says(Step.explanation, '"provisional":true'), resting)
    steps = sa.select(Step.case_id).where(Step.status == "open", moves)
    timers = sa.select(Timer.case_id).where(_says(Timer.explanation, '"provisional":true'))
    found = sa.union(steps, timers).subquery()
    return list(db.session.scalars(sa.select(found.c.case_id).order_by(found.c.case_id)))


def _says(explanation: Any, what: str) -> sa.ColumnElement[bool]:
    return sa.cast(explanation, sa.Text).like(f"%{what}%")


def _may_move(explanation: Any) -> sa.ColumnElement[bool]:
    return sa.or_(_says(explanation, '"provisional":true'), _says(explanation, '"stayed":true'))


def recompute(case_id: int, now: datetime) -> int:
    """Reckon the dates of a case again, of steps and of timers alike; how many have changed."""
    turn = Turn(lock(case_id), None, now)
    return _steps_again(turn) + _timers_again(turn)


def carry_over(case: Case, now: datetime, stop: orders.Stop | None) -> None:
    """An order suspends this case or is lifted: its periods, and those of what concerns it, move with it.

    `stop`: it was the last order, and everything that rested goes on.
    """
    concern = sa.select(Case.id).where(Case.parent_id == case.id, Case.status == "open").order_by(Case.id)
    for case_id in [case.id, *db.session.scalars(concern)]:
        if stop is not None:
            orders.wake(Turn(lock(case_id), None, now), stop)
        recompute(case_id, now)


def put_off(turn: Turn) -> None:
    """Timers whose time has come although their period stands still, or whose matter has lapsed."""
    come = sa.select(Timer).where(
        Timer.case_id == turn.case.id, Timer.due <= turn.now, _says(Timer.explanation, '"stayed":true')
    )
    found = list(db.session.scalars(come.order_by(Timer.token)))
    if not found:
        return
    if standstill.lapsed(turn):  # nobody is urged to do what may not be done
        set_due(turn, {timer.token: NEVER for timer in found})
        return
    _again(turn, found)


def _steps_again(turn: Turn) -> int:
    waiting = sa.select(Step).where(
        Step.case_id == turn.case.id, Step.status == "open", _may_move(Step.explanation)
    )
    moved = 0
    for step in list(db.session.scalars(waiting.order_by(Step.id).execution_options(populate_existing=True))):
        was = deadlines.Explanation.load(step.explanation)
        due = _reckoned(turn, was)
        if not _changed(was, due, step.due):
            continue
        if due.at != step.due:
            _note(turn, step.element, {"step": step.id, "was": step.due, "due": due.at})
        step.due, step.explanation = due.at, due.explanation.dump()
        db.session.execute(sa.update(Desk).where(Desk.step_id == step.id).values(due=due.at))
        moved += 1
    return moved


def _timers_again(turn: Turn) -> int:
    waiting = sa.select(Timer).where(Timer.case_id == turn.case.id, _may_move(Timer.explanation))
    return _again(turn, list(db.session.scalars(waiting.order_by(Timer.token))))


def _again(turn: Turn, timers: list[Timer]) -> int:
    dues: dict[str, datetime] = {}
    settled = 0
    for timer in timers:
        was = deadlines.Explanation.load(timer.explanation)
        due = _reckoned(turn, was)
        if not _changed(was, due, timer.due):
            continue
        told = due.explanation.dump()
        timer.explanation = told if due.provisional or was.rule.stayed else None
        settled += 1
        if due.at != timer.due:
            _note(turn, timer.element, {"timer": timer.token, "was": timer.due, "due": due.at})
            dues[timer.token], turn.explanations[due.at] = due.at, told
    set_due(turn, dues)
    return settled


def _reckoned(turn: Turn, was: deadlines.Explanation) -> deadlines.Due:
    if was.rule.stayed:
        was = replace(was, suspensions=turn.stops(turn.scope()))
    return deadlines.recompute(was, today=clock.local(turn.now).date())


def _changed(was: deadlines.Explanation, due: deadlines.Due, before: datetime | None) -> bool:
    now = due.explanation
    same = (was.provisional, was.suspensions) == (now.provisional, now.suspensions)
    return due.at != before or not same


def _note(turn: Turn, element: str, detail: dict[str, Any]) -> None:
    journal.write(turn.case, "recomputed", at=turn.now, element=element, detail=detail)
