"""Names a case keeps: who sits on a committee is secret until the result is fixed (招标投标法 第三十七条)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework import rules
from casework.cases import links
from casework.cases.model import Case, Step
from casework.cases.turn import Turn
from casework.db import db
from casework.engine.feel import FeelError
from casework.people import Post


def steps(case: Case, by: Post, now: datetime) -> frozenset[str]:
    """The steps whose doers this reader may not know yet, but for those of its own.

    Whoever did one of them knows the others; so does the office that draws and calls them.
    """
    kept = case.procedure.unnamed
    if kept is None or rules.calls(by):
        return frozenset()
    one_of_them = sa.exists().where(
        Step.case_id == case.id, Step.element.in_(kept.steps), Step.done_user_id == by.user_id
    )
    if db.session.scalar(sa.select(one_of_them)) or _over(case, now):
        return frozenset()
    return kept.steps


def _over(case: Case, now: datetime) -> bool:
    turn, kept = Turn(case, None, now), case.procedure.unnamed
    if kept is None or case.parent is None:
        return False
    try:
        scope = {**turn.scope(), "about": links.concerned(case.parent, now)}
        return kept.until.evaluate(scope, turn.functions) is True
    except FeelError:
        return False


def keeps(step: Step, hidden: frozenset[str], by: Post) -> bool:
    """Whether this step is one of them, and not this reader's organisation's own."""
    return step.element in hidden and step.organisation_id != by.organisation_id
