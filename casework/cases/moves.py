"""What moves a case besides people: the clock, a message from another case, a second try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import journal, outbox, procedures
from casework.cases import orders, reckoning
from casework.cases.model import Case, Subscription, Timer
from casework.cases.onward import move
from casework.cases.rows import lock, write
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import flow
from casework.people import Post, signature
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
    orders.hold(turn)
    reckoning.put_off(turn)
    fired = list(
        db.session.execute(
            sa.select(Timer.element, Timer.due).where(Timer.case_id == case_id, Timer.due <= now)
        )
    )
    for element, moment in fired:
        journal.write(case, "timer", at=now, element=element, detail={"due": moment})
    move(turn, flow.tick)
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
    waiting = set(db.session.scalars(query))
    told = []
    for case_id in sorted(waiting.union(orders.awaited(message, correlation))):  # all lock in this order
        case = lock(case_id)
        turn = Turn(case, None, now)
        journal.write(case, "message", at=now, detail={"message": message, "payload": dict(payload)})
        before = turn.stopped()
        stop = orders.note(turn, message, payload)
        if case_id in waiting:
            _deliver(turn, message, payload, correlation)
        else:  # an order finds the case wherever it stands
            write(case)
        if turn.stopped() != before:
            reckoning.carry_over(case, now, stop)
        told.append(case)
    return told


def _deliver(turn: Turn, message: str, payload: Mapping[str, Any], correlation: str | None) -> None:
    def deliver(drawing: Any, state: str, variables: Any, **rest: Any) -> flow.Position:
        return flow.tell(drawing, state, variables, message, payload, correlation=correlation, **rest)

    move(turn, deliver)


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
        move(turn, flow.retry)
    return case
