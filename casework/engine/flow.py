"""Carries drawings out: begin, advance, tell, tick, retry, withdraw, move. Facts in, effects out.

Nothing here knows a database or a page. A case is its state (opaque text) and its variables; both go in,
both come back. Whoever calls holds the lock on the case and has read both under it. Time passes in `tick`
only, and only against the `now` that is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from casework.engine import events, tokens
from casework.engine.events import Catching
from casework.engine.joins import Join
from casework.engine.position import (
    CarryOut,
    Effect,
    EffectFailed,
    Incident,
    Message,
    NeedsPlaces,
    NotOpen,
    NotWaiting,
    Passed,
    Position,
    Subscription,
    Task,
    Timer,
)  # fmt: skip
from casework.engine.running import INCIDENT, MAX_STEPS, READY, WAITING, Case, Plan, Token
from casework.engine.script import Failure, Functions
from casework.engine.steps import PersonTask, lane

__all__ = [
    "CarryOut", "Effect", "EffectFailed", "Incident", "Message", "NeedsPlaces", "NotOpen", "NotWaiting", "Passed",
    "Position", "Subscription", "Task", "Timer",
    "advance", "begin", "move", "retry", "tell", "tick", "withdraw",
]  # fmt: skip

NONE: Mapping[str, Any] = MappingProxyType({})


def begin(drawing: Plan, variables: Mapping[str, Any], *, now: datetime, carry_out: CarryOut,
          functions: Functions = NONE) -> Position:  # fmt: skip
    """Begin a case: its start event fires at once unless it waits for a message, a signal or a time."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    case.enter(drawing.spec.main, None)
    return _position(case)


def advance(drawing: Plan, state: str, variables: Mapping[str, Any], token: str, answers: Mapping[str, Any], *,
            now: datetime, carry_out: CarryOut, functions: Functions = NONE) -> Position:  # fmt: skip
    """Complete the step of this token with a person's answers. Raises NotOpen, and then nothing has changed."""
    case = _load(drawing, state, variables, now, carry_out, functions)
    step = case.find(token)
    if step is None or not _is_open(step):
        raise NotOpen(token)
    step.task_spec.answer(step, answers)
    step.run()
    return _position(case)


def tell(drawing: Plan, state: str, variables: Mapping[str, Any], message: str, payload: Mapping[str, Any], *,
         correlation: str | None = None, now: datetime, carry_out: CarryOut,
         functions: Functions = NONE) -> Position:  # fmt: skip
    """Deliver a message to everything in the case that waits for it. Raises NotWaiting."""
    case = _load(drawing, state, variables, now, carry_out, functions)
    waiting = [t for t in case.tokens() if _waits_for(t, message, correlation)]
    if not waiting:
        raise NotWaiting(message, correlation)
    for token in waiting:
        token.task_spec.caught(token, payload)
    return _position(case)


def tick(drawing: Plan, state: str, variables: Mapping[str, Any], *, now: datetime, carry_out: CarryOut,
         functions: Functions = NONE) -> Position:  # fmt: skip
    """Let time pass: fire what is due, in order of due time, and what that leads to (B16)."""
    case = _load(drawing, state, variables, now, carry_out, functions)
    case.run()
    for _ in range(MAX_STEPS):
        due = [
            (moment, int(t.id), t) for t in case.tokens() if (moment := events.next_due(t)) and moment <= now
        ]
        if not due:
            break
        *_, token = min(due, key=lambda one: one[:2])
        token.task_spec.elapsed(token)
        case.run()
    else:
        token.fail(Failure("定时事件反复立即到期。", "The timer is due again at once, over and over."))
    return _position(case)


def retry(drawing: Plan, state: str, variables: Mapping[str, Any], *, now: datetime, carry_out: CarryOut,
          functions: Functions = NONE) -> Position:  # fmt: skip
    """Run every incident again, after its cause is mended."""
    case = _load(drawing, state, variables, now, carry_out, functions)
    for token in list(case.tokens()):
        if token.internal_data.pop(INCIDENT, None) is not None:
            token.task_spec.resume(token)
    return _position(case)


def withdraw(drawing: Plan, state: str, variables: Mapping[str, Any], *, now: datetime, carry_out: CarryOut,
             functions: Functions = NONE) -> Position:  # fmt: skip
    """Cancel everything that is open; the case has ended."""
    case = _load(drawing, state, variables, now, carry_out, functions)
    case.agenda.clear()
    if top := case.rooms.get(""):
        top.clear()
    case.ended = True
    return _position(case)


def move(old: Plan, new: Plan, state: str, mapping: Mapping[str, str] = NONE) -> str:
    """Give the state for a new drawing; `mapping`: old element → new one. Raises NeedsPlaces.

    Elements that changed their kind are entered, and new boundary events armed, at the next act (`tick` will do).
    """
    return tokens.move(old.spec, new.spec, state, mapping)


def _load(drawing: Plan, state: str, variables: Mapping[str, Any], now: datetime, carry_out: CarryOut,
          functions: Functions) -> Case:  # fmt: skip
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    return case


def _is_open(token: Token) -> bool:
    return isinstance(token.task_spec, PersonTask) and token.standing == READY


def _waits_for(token: Token, message: str, correlation: str | None) -> bool:
    if token.standing != WAITING or token.incident or not token.task_spec.catches("message", message):
        return False
    key = token.internal_data.get(events.CORRELATION)
    return key is None or correlation is None or key == correlation


def _position(case: Case) -> Position:
    """Run until everything waits, and say where the case stands."""
    case.run()
    tasks, timers, subscriptions, incidents = [], [], [], []
    for token in case.tokens():
        spec = token.task_spec
        if token.incident:
            zh, en, expression = token.incident
            incidents.append(Incident(spec.element.id, token.id, zh, en, expression))
        elif _is_open(token):
            tasks.append(_task(token))
        elif token.standing == WAITING and isinstance(spec, Catching):
            if due := events.next_due(token):
                timers.append(Timer(token.id, spec.element.id, due, spec.interrupts()))
            elif spec.trigger.kind == "message":
                key = token.internal_data.get(events.CORRELATION)
                subscriptions.append(Subscription(token.id, spec.element.id, spec.trigger.name or "", key))
        elif token.standing == WAITING and isinstance(spec, Join) and spec.dead(token):
            incidents.append(_dead(token))
    return Position(
        tokens.dump(case), case.variables, tuple(tasks), tuple(timers), tuple(subscriptions), tuple(case.effects),
        tuple(case.messages), tuple(case.passed), tuple(case.flows), tuple(incidents), case.ended, tuple(case.ends),
    )  # fmt: skip


def _dead(token: Token) -> Incident:
    spec = token.task_spec
    missing = ", ".join(sorted(spec.missing(token)))
    return Incident(spec.element.id, token.id, f"汇合网关等待的分支（{missing}）已不可能到达，请更正流程图后迁移此案。",
                    f"The join waits for branches ({missing}) that can no longer arrive; mend the drawing and move the case.")  # fmt: skip


def _task(token: Token) -> Task:
    element, kept = token.task_spec.element, token.internal_data
    own = token.case.locals(token)
    holder: Token | None = token
    while holder is not None and not holder.task_spec.is_local:
        holder = holder.workflow.owner
    index = holder.internal_data.get("index") if holder is not None else None
    item = own[0].get(holder.task_spec.loop.item) if own and holder is not None else None
    return Task(
        token.id, element.id, element.name, lane(token), element.form, element.properties,
        _names(kept.get("candidateGroups")), kept.get("assignee"), kept.get("dueDate"), item, index,
    )  # fmt: skip


def _names(groups: Any) -> tuple[str, ...]:
    if isinstance(groups, str):
        return tuple(name.strip() for name in groups.split(",") if name.strip())
    return tuple(str(name) for name in groups or ())
