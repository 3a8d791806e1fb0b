"""Reads off a case where it stands: open steps, timers, subscriptions, incidents."""

from __future__ import annotations

from typing import Any

from casework.engine import tokens
from casework.engine.events import CORRELATION, Catching, next_due
from casework.engine.joins import Join
from casework.engine.position import Incident, Position, Subscription, Task, Timer
from casework.engine.rounds import INDEX
from casework.engine.running import READY, WAITING, Case, Token
from casework.engine.steps import lane
from casework.engine.tasks import PersonTask


def position(case: Case) -> Position:
    """Run until everything waits, and say where the case stands."""
    case.run()
    tasks: list[Task] = []
    timers: list[Timer] = []
    subscriptions: list[Subscription] = []
    incidents: list[Incident] = []
    for token in case.tokens():
        spec = token.task_spec
        if token.incident:
            zh, en, expression = token.incident
            incidents.append(Incident(spec.element.id, token.id, zh, en, expression))
        elif is_open(token):
            tasks.append(_task(token))
        elif token.standing != WAITING:
            continue
        elif isinstance(spec, Catching):
            _waiting(token, timers, subscriptions)
        elif isinstance(spec, Join) and spec.dead(token):
            incidents.append(_dead(token))
    if not (case.ended or tasks or timers or subscriptions or incidents):
        incidents = [_still(token) for token in case.tokens() if token.standing == WAITING]
    return Position(
        tokens.dump(case),
        case.variables,
        tuple(tasks),
        tuple(timers),
        tuple(subscriptions),
        tuple(case.effects),
        tuple(case.messages),
        tuple(case.passed),
        tuple(case.flows),
        tuple(incidents),
        case.ended,
        tuple(case.ends),
    )


def is_open(token: Token) -> bool:
    """Say whether a token waits for a person."""
    return token.standing == READY and isinstance(token.task_spec, PersonTask) and not token.incident


def waits_for(token: Token, message: str, correlation: str | None) -> bool:
    """Say whether a token waits for this message."""
    if token.standing != WAITING or token.incident or not token.task_spec.catches("message", message):
        return False
    key = token.internal_data.get(CORRELATION)
    return key is None or correlation is None or key == correlation


def first_due(case: Case) -> Token | None:
    """The waiting timer whose time came first; of two at one moment the older one."""
    due = [(moment, int(t.id), t) for t in case.tokens() if (moment := next_due(t)) and moment <= case.now]
    return min(due, key=lambda one: one[:2])[2] if due else None


def _waiting(token: Token, timers: list[Timer], subscriptions: list[Subscription]) -> None:
    spec = token.task_spec
    if due := next_due(token):
        timers.append(Timer(token.id, spec.element.id, due, spec.interrupts()))
    elif spec.trigger.kind == "message":
        key = token.internal_data.get(CORRELATION)
        subscriptions.append(Subscription(token.id, spec.element.id, spec.trigger.name or "", key))


def _dead(token: Token) -> Incident:
    spec = token.task_spec
    missing = ", ".join(sorted(spec.missing(token)))
    zh = f"汇合网关等待的分支（{missing}）已不可能到达，请更正流程图后迁移此案。"
    en = (
        f"The join waits for branches that can no longer arrive ({missing}); mend the drawing, move the case."
    )
    return Incident(spec.element.id, token.id, zh, en, None)


def _still(token: Token) -> Incident:
    """Joins that wait for each other, or a signal nobody is left to send: never in silence."""
    zh = "案件停在此处：没有人、没有期限、也没有消息能使它继续，请更正流程图后迁移此案。"
    en = (
        "The case stands still here: no person, time or message can move it; mend the drawing, move the case."
    )
    return Incident(token.task_spec.element.id, token.id, zh, en, None)


def _task(token: Token) -> Task:
    spec, element = token.task_spec, token.task_spec.element
    item = index = None
    if instances := token.case.instances(token):
        item = instances[0].data.get(instances[0].task_spec.loop.item)
        index = instances[0].internal_data[INDEX]
    return Task(
        token.id,
        element.id,
        element.name,
        lane(token),
        element.form,
        element.properties,
        _names(spec.asked(token, "candidateGroups")),
        spec.asked(token, "assignee"),
        spec.asked(token, "dueDate"),
        item,
        index,
    )


def _names(groups: Any) -> tuple[str, ...]:
    if isinstance(groups, str):
        return tuple(name.strip() for name in groups.split(",") if name.strip())
    return tuple(str(name) for name in groups or ())
