"""Carries drawings out: begin, advance, tell, tick, set_due, retry, withdraw, move. Facts in, effects out.

Nothing here knows a database or a page. A case is its state (opaque text) and its variables; both go in,
both come back. Whoever calls holds the lock on the case and has read both under it. Time passes in `tick`
only, and only against the `now` that is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from casework.engine import moving, standing, tokens
from casework.engine.events import next_due
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
)
from casework.engine.running import INCIDENT, MAX_TURNS, Case, Plan
from casework.engine.script import Failure, Functions

__all__ = [
    "CarryOut",
    "Effect",
    "EffectFailed",
    "Incident",
    "Message",
    "NeedsPlaces",
    "NotOpen",
    "NotWaiting",
    "Passed",
    "Position",
    "Subscription",
    "Task",
    "Timer",
    "advance",
    "begin",
    "move",
    "retry",
    "set_due",
    "tell",
    "tick",
    "withdraw",
]

NOTHING: Mapping[str, Any] = MappingProxyType({})


def begin(
    drawing: Plan,
    variables: Mapping[str, Any],
    *,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Begin a case: its start event fires at once unless it waits for a message, a signal or a time."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    case.enter(drawing.spec.main, None)
    return standing.position(case)


def advance(
    drawing: Plan,
    state: str,
    variables: Mapping[str, Any],
    token: str,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Complete the step of this token with a person's answers. Raises NotOpen; then nothing has changed."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    return complete(case, token, answers)


def tell(
    drawing: Plan,
    state: str,
    variables: Mapping[str, Any],
    message: str,
    payload: Mapping[str, Any],
    *,
    correlation: str | None = None,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Deliver a message to everything in the case that waits for it. Raises NotWaiting.

    Without a correlation it reaches all that wait for a message of this name.
    """
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    return deliver(case, message, payload, correlation)


def tick(
    drawing: Plan,
    state: str,
    variables: Mapping[str, Any],
    *,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Let time pass: fire what is due, in order of due time, and do all that this leads to."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    return pass_time(case)


def set_due(
    drawing: Plan,
    state: str,
    variables: Mapping[str, Any],
    dues: Mapping[str, datetime],
    *,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Let waiting timers (by token) be due at another moment; what waits for no time stays as it is."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    for token, due in dues.items():
        waiting = case.find(token)
        if waiting is not None and next_due(waiting) is not None:
            waiting.task_spec.put_off(waiting, due)
    return standing.position(case)


def retry(
    drawing: Plan,
    state: str,
    variables: Mapping[str, Any],
    *,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Run every incident again, after its cause is mended."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    for token in list(case.tokens()):
        if token.internal_data.pop(INCIDENT, None) is not None:
            token.task_spec.resume(token)
    return standing.position(case)


def withdraw(
    drawing: Plan,
    state: str,
    variables: Mapping[str, Any],
    *,
    now: datetime,
    carry_out: CarryOut,
    functions: Functions = NOTHING,
) -> Position:
    """Cancel everything that is open; the case has ended."""
    case = Case(drawing, variables, now=now, carry_out=carry_out, functions=functions)
    tokens.load(case, state)
    return cancel(case)


def move(old: Plan, new: Plan, state: str, mapping: Mapping[str, str] = NOTHING) -> str:
    """Give the state for a new drawing; `mapping`: old element → new one. Raises NeedsPlaces.

    Elements that changed their kind are entered, and new boundary events armed, at the next act (`tick`
    will do).
    """
    return moving.move(old.spec, new.spec, state, mapping)


# -------- the acts on a loaded case


def complete(case: Case, token: str, answers: Mapping[str, Any]) -> Position:
    """Complete a step (SpiffWorkflow runs a completed task again when asked, B11; here it must be open)."""
    step = case.find(token)
    if step is None or not standing.is_open(step):
        raise NotOpen(token)
    step.task_spec.answer(step, answers)
    return standing.position(case)


def deliver(case: Case, message: str, payload: Mapping[str, Any], correlation: str | None) -> Position:
    """Give a message to all that wait for it now; one that was ended by another of them is passed over."""
    waiting = [token for token in case.tokens() if standing.waits_for(token, message, correlation)]
    if not waiting:
        raise NotWaiting(message, correlation)
    for token in waiting:
        token.task_spec.caught(token, payload)
    return standing.position(case)


def pass_time(case: Case) -> Position:
    """Fire one timer after the other with all that follows from it (B16 left that to the next act)."""
    case.run()
    for _ in range(MAX_TURNS):
        due = standing.first_due(case)
        if due is None:
            break
        due.task_spec.elapsed(due)
        case.run()
    else:
        told = Failure("定时事件反复立即到期。", "The timer is due again at once, over and over.")
        if (due := standing.first_due(case)) is not None:
            due.fail(told)
    return standing.position(case)


def cancel(case: Case) -> Position:
    """Cancel all tokens of the case."""
    case.agenda.clear()
    if top := case.rooms.get(""):
        top.clear()
    case.ended = True
    return standing.position(case)
