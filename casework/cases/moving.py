"""A case carried over to another version of its procedure: only what is open needs a place in its drawing.

What was done stays as it was done: a completed step keeps the form under which it was answered. Whoever calls
rolls back to try it out; `move` raises Unfit with everything that stands in the way and writes nothing then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import journal, procedures
from casework.cases import effects
from casework.cases.model import NEVER, Case, Desk, Step
from casework.cases.rows import lock
from casework.cases.settle import row_of, settle
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import flow
from casework.errors import NotYet
from casework.people import Post, signature
from casework.rules import rule
from casework.words import Words, _

#: What of an open step follows the new drawing.
FOLLOWS = ("element", "name", "lane", "form", "item", "organisation_id", "roles")


@rule(_("仅案件所属房管局负责人可以把案件转到流程的另一版本。"))
def may_move(by: Post | None) -> bool:
    """It changes what a party has still to do: the head of the bureau answers for it."""
    return by is not None and by.organisation.kind == "bureau" and by.role == "head"


class Unfit(NotYet):
    """What has no place in the other version, each with its reason."""

    def __init__(self, reasons: Sequence[Words]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(_("案件不能转到这一版本。"))


@dataclass(frozen=True)
class Carried:
    """One open step as it stands in the other version: what its form asks no longer, and asks now."""

    was: str
    name: str
    gone: list[str]
    new: list[str]


@dataclass(frozen=True)
class Moved:
    """Where the case stands after its move."""

    before: str
    after: str
    open: list[Carried]


def move(
    case_id: int, version_id: int, mapping: Mapping[str, str], *, by: Post, reason: str, now: datetime
) -> Moved:
    """Carry an open case over; `mapping` says old element → new one where they have other names."""
    may_move.ask(by)
    case = lock(case_id)
    before, after = case.procedure, _fits(case, version_id)
    try:
        state = flow.move(before.flow, after.going_on, case.state, mapping)
    except flow.NeedsPlaces as lost:
        raise Unfit([_lost(before, each) for each in lost.elements]) from lost
    former = {step.token: step for step in _open(case.id)}
    done = sa.update(Step).where(Step.case_id == case.id, Step.status != "open", Step.version_id.is_(None))
    db.session.execute(done.values(version_id=case.version_id))
    case.version_id, case.state = version_id, state
    detail = {"from": before.sha256, "to": after.sha256, "mapping": dict(mapping), "reason": reason}
    journal.write(case, "moved", at=now, by=by, who=signature(by), detail=detail)
    turn = Turn(case, None, now)
    position = flow.tick(
        after.going_on,
        case.state,
        turn.scope(),
        now=now,
        carry_out=effects.carrier(turn),
        functions=turn.functions,
    )
    carried = [
        _carry(turn, before, former[task.token], row_of(turn, task, position))
        for task in position.tasks
        if task.token in former
    ]
    settle(turn, position)
    if position.incidents:
        raise Unfit([_stuck(after, one) for one in position.incidents])
    return Moved(before.sha256, after.sha256, carried)


def _fits(case: Case, version_id: int) -> procedures.Procedure:
    """The version that was named, when this case may go there."""
    if case.status != "open":
        raise NotYet(_("案件已经办结或者撤回，不能转到其他版本。"))
    if version_id == case.version_id:
        raise NotYet(_("案件已经在这一版本。"))
    after = procedures.of(version_id)
    if after.key != case.key:
        raise NotYet(_("版本 %(n)s 属于“%(title)s”，不是本案的流程。", n=version_id, title=after.title))
    after.ask_known()
    return after


def _lost(before: procedures.Procedure, element: str) -> Words:
    known = before.flow.elements.get(element)
    return _(
        "“%(name)s”（%(element)s）正在办理，新版流程图中没有对应的环节；"
        "请用 --place %(element)s=新环节 指明去处。",
        name=known.name if known and known.name else element,
        element=element,
    )


def _stuck(after: procedures.Procedure, one: Any) -> Words:
    known = after.flow.elements.get(one.element)
    return _(
        "“%(name)s”（%(element)s）办不下去：%(why)s",
        name=known.name if known and known.name else one.element,
        element=one.element,
        why=one.zh,
    )


def _open(case_id: int) -> Sequence[Step]:
    return db.session.scalars(sa.select(Step).where(Step.case_id == case_id, Step.status == "open")).all()


def _carry(turn: Turn, before: procedures.Procedure, step: Step, row: Mapping[str, Any]) -> Carried:
    """An open step in the new drawing: its name, form and desk follow, its day stays as it was told."""
    asked, asks = _questions(before, step.form), _questions(turn.procedure, row["form"])
    told = Carried(step.name, row["name"], sorted(asked - asks), sorted(asks - asked))
    due = {"due": step.due or row["due"], "explanation": step.explanation or row["explanation"]}
    changed = {name: row[name] for name in FOLLOWS} | due
    db.session.execute(sa.update(Step).where(Step.id == step.id).values(**changed))
    db.session.execute(sa.delete(Desk).where(Desk.step_id == step.id))
    desk = {"organisation_id": row["organisation_id"], "due": due["due"] or NEVER, "step_id": step.id}
    desks = [{**desk, "role": role, "key": turn.case.key} for role in row["roles"].split(",")]
    db.session.execute(sa.insert(Desk), desks)
    return told


def _questions(procedure: procedures.Procedure, form: str) -> set[str]:
    """What a form asks, by key."""
    found = procedure.forms.get(form)
    return set(found.keys) if found else set()
