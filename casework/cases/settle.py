"""Write down where a turn has left the case: state, steps, desks, timers, subscriptions, record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework import clock, journal, outbox
from casework.cases import enclosures, releasing
from casework.cases.model import NEVER, Case, Desk, Step, Subscription, Timer
from casework.cases.rows import write
from casework.cases.turn import Turn
from casework.db import Base, Prepared, db
from casework.engine import feel, flow, values
from casework.errors import NotYet
from casework.words import _

#: How much of the path through the drawing a case remembers for its picture (flow ids).
PATH = 400
_STEPS = Base.metadata.tables["step"]
_OPEN_STEPS = Prepared(
    sa.select(_STEPS.c.id, _STEPS.c.token).where(
        _STEPS.c.case_id == sa.bindparam("case_id"), _STEPS.c.status == "open"
    )
)
_OPENS = (
    *("case_id", "token", "element", "name", "lane", "organisation_id", "roles", "form", "item", "status"),
    *("due", "explanation", "opened_at"),
)
_NEW_STEPS = Prepared(sa.insert(_STEPS).returning(_STEPS.c.id), *_OPENS)
_NEW_DESKS = Prepared(sa.insert(Base.metadata.tables["desk"]), *Desk.__table__.columns.keys())
_TIMERS = Base.metadata.tables["timer"]
_NO_TIMERS = (
    sa.delete(_TIMERS)
    .where(_TIMERS.c.case_id == sa.bindparam("case"))
    .returning(_TIMERS.c.token, _TIMERS.c.due, _TIMERS.c.explanation)
)
_PARTY = ("case_id", "organisation_id", "lane")
_NEW_PARTY = Prepared(
    sa.text(
        "INSERT INTO party (case_id, organisation_id, lane) VALUES (:case_id, :organisation_id, :lane) "
        "ON CONFLICT DO NOTHING"
    )
)


def settle(turn: Turn, position: flow.Position) -> None:
    """Everything the position says, in the caller's transaction; nothing before every workbook is made."""
    enclosures.ask_made()
    with db.session.no_autoflush:  # the case is written once, when all of it is known
        _settle(turn.case, turn, position)
        write(turn.case)


def _settle(case: Case, turn: Turn, position: flow.Position) -> None:
    _steps(turn, position)
    _waits(turn, position)
    facts = case.facts
    case.variables = {k: v for k, v in position.variables.items() if k not in facts}
    case.state = position.state
    case.flows = _path(case.flows, position.flows)
    case.revision += 1
    for message in position.messages:
        about = {
            "message": message.name,
            "correlation": message.correlation,
            "payload": dict(message.payload),
        }
        outbox.put("tell", about, due=turn.now, case_id=case.id)
    _incidents(turn, position)
    if position.ended and case.status == "open":
        case.status, case.ended_at = "ended", turn.now
        journal.write(case, "ended", at=turn.now, detail={"ends": list(position.ends)})
    releasing.promise(turn)


def _path(known: str, taken: tuple[str, ...]) -> str:
    """Flow ids ever taken, each once, in order of the last time."""
    if not taken:
        return known
    path = dict.fromkeys([*known.split(), *taken])
    return " ".join(list(path)[-PATH:])


def _steps(turn: Turn, position: flow.Position) -> None:
    case = turn.case
    known = {token: step_id for step_id, token in _OPEN_STEPS.run(case_id=case.id)}
    waiting = {task.token for task in position.tasks}
    gone = [step_id for token, step_id in known.items() if token not in waiting]
    if gone:
        db.session.execute(
            sa.update(Step).where(Step.id.in_(gone)).values(status="cancelled", done_at=turn.now)
        )
        db.session.execute(sa.delete(Desk).where(Desk.step_id.in_(gone)))
    _open(turn, [row_of(turn, task, position) for task in position.tasks if task.token not in known])


def _open(turn: Turn, steps: list[dict[str, Any]]) -> None:
    """The new steps, each on the desks of its party, which takes part from now on."""
    if not steps:
        return
    ids = [step_id for (step_id,) in _NEW_STEPS.each(steps)]
    desks = [
        {
            "organisation_id": step["organisation_id"],
            "role": role,
            "due": step["due"] or NEVER,
            "step_id": step_id,
            "key": turn.case.key,
        }
        for step_id, step in zip(ids, steps, strict=True)
        for role in step["roles"].split(",")
    ]
    _NEW_DESKS.each(desks)
    elements = turn.procedure.flow.elements
    taking_part = [s for s in steps if elements[s["element"]].properties.get("apart") != "true"]
    if taking_part:
        _NEW_PARTY.each([{name: step[name] for name in _PARTY} for step in taking_part])


def row_of(turn: Turn, task: flow.Task, position: flow.Position) -> dict[str, Any]:
    """The row of a step that opens."""
    lane = lane_of(turn, task, position)
    party = turn.procedure.parties.get(lane)
    scope = {**position.variables, "item": task.item}
    found = turn.value(party.organisation, scope) if party else None
    if party is None or found is None:
        raise NotYet(_("流程图中的“%(lane)s”没有对应的办理单位。", lane=lane))
    due = moment(task.due)
    return {
        "case_id": turn.case.id,
        "token": task.token,
        "element": task.element,
        "name": task.name,
        "lane": lane,
        "organisation_id": int(found),
        "roles": ",".join(party.roles),
        "form": task.form,
        "item": task.item,
        "status": "open",
        "due": due,
        "explanation": turn.explanations.get(due) if due else None,
        "opened_at": turn.now,
    }


def lane_of(turn: Turn, task: flow.Task, position: flow.Position) -> str:
    """The party that acts: the lane, or what the step's `party` property says (one of many stamping)."""
    chosen = task.properties.get("party", "")
    if chosen.startswith("="):
        scope = turn.scope(position.variables) | {"item": task.item, "party": task.item}
        return str(feel.compile(chosen).require(scope, turn.functions))
    return chosen or task.lane or ""


def join(case: Case, organisation_id: int, lane: str) -> None:
    """The organisation takes part: from now on it may see the case."""
    _NEW_PARTY.run(case_id=case.id, organisation_id=organisation_id, lane=lane)


def call_bureau(case: Case) -> None:
    """A case that cannot go on is seen by the bureau, also where it has no part: it alone tries again."""
    if (bureau := (case.facts.get("district") or {}).get("bureau")) is not None:
        join(case, int(bureau), "")


def moment(due: date | datetime | None) -> datetime | None:
    """A day means its end in the office (民法典 第二百零三条)."""
    if due is None or isinstance(due, datetime):
        return due
    return clock.day_end(due)


def _waits(turn: Turn, position: flow.Position) -> None:
    """Timers and subscriptions are rewritten only when they have changed: most steps change neither."""
    case = turn.case
    now = values.dumps(
        [[t.token, t.element, t.due] for t in position.timers]
        + [[s.token, s.message, s.correlation] for s in position.subscriptions]
    )
    if now == case.waits:
        return
    why: dict[tuple[str, datetime], Any] = {}
    if case.waits not in {"", "[]"}:
        gone = db.session.execute(_NO_TIMERS, {"case": case.id})
        why = {(token, due): told for token, due, told in gone}
        db.session.execute(sa.delete(Subscription).where(Subscription.case_id == case.id))
    if position.timers:
        rows = [
            {
                "case_id": case.id,
                "token": t.token,
                "element": t.element,
                "due": t.due,
                "explanation": _may_move(turn, t.due) or why.get((t.token, t.due)),
            }
            for t in position.timers
        ]
        db.session.execute(sa.insert(Timer), rows)
    if position.subscriptions:
        db.session.execute(
            sa.insert(Subscription),
            [
                {"case_id": case.id, "token": s.token, "message": s.message, "correlation": s.correlation}
                for s in position.subscriptions
            ],
        )
    case.waits = now


def _may_move(turn: Turn, due: datetime) -> dict[str, Any] | None:
    """Why a timer is due at a moment that may still move."""
    told = turn.explanations.get(due)
    return told if told and (told["provisional"] or told["rule"]["stayed"]) else None


def _incidents(turn: Turn, position: flow.Position) -> None:
    found: list[dict[str, Any]] = [
        {"element": i.element, "token": i.token, "zh": i.zh, "en": i.en, "expression": i.expression}
        for i in position.incidents
    ]
    known = turn.case.incident or []
    if found != [i for i in known if "again" not in i]:
        for incident in found:
            journal.write(turn.case, "incident", at=turn.now, element=incident["element"], detail=incident)
    if found:
        call_bureau(turn.case)
    # what failed after the commit stays until a person tries again
    turn.case.incident = [i for i in known if "again" in i] + found or None
