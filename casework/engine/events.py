"""Events: what a case begins with, waits for, throws and ends with.

Messages leave the case; time passes in `tick` only. Each waiting event keeps its own due time or
correlation in its token (SpiffWorkflow shares one value between the timers of an event gateway, B9,
compares messages by class, B18, and changes shared specs for event subprocesses, B10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from casework.engine import timers
from casework.engine.elements import Element
from casework.engine.gateways import EventGateway
from casework.engine.position import Message
from casework.engine.running import OPEN, WAITING, Token
from casework.engine.script import Failure, Formula
from casework.engine.steps import Activity, RoomSpec, Step

DUE, CORRELATION, TOLD = "due", "key", "told"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What an event waits for or throws; `kind` is BPMN's word: timer, message, signal, error … or none."""

    kind: str = "none"
    name: str | None = None
    code: str | None = None
    when: Formula | None = None
    correlation: Formula | None = None


class Throwing(Step):
    """An intermediate throw or end event, or a send task."""

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.trigger = Trigger()

    def _run_hook(self, my_task: Token) -> bool:
        case, trigger = my_task.case, self.trigger
        if trigger.kind == "message":
            key = trigger.correlation and trigger.correlation.value(case.scope(my_task), case.functions)
            payload = self.evaluated(my_task, self.arguments, {})
            case.messages.append(Message(trigger.name or "", None if key is None else str(key), payload))
        elif trigger.kind not in {"none", "terminate"}:
            caught = case.throw(my_task, trigger.kind, trigger.name, trigger.code)
            if not caught and trigger.kind in {"error", "cancel"}:
                zh = f"错误“{trigger.code or trigger.name or self.element.id}”没有边界事件接收。"
                raise Failure(zh, "No boundary event catches this error.")
        return True

    def _on_complete(self, my_task: Token) -> None:
        if my_task.id in my_task.workflow.tasks:
            super()._on_complete(my_task)
        else:  # what it threw has ended the subprocess it stood in
            my_task.case.note(my_task, "completed")
            if not self.leaving:
                my_task.case.ends.append(self.element.id)


class EndEvent(Throwing):
    """Ends its token, or with a terminate event its whole process."""

    def _on_complete_hook(self, my_task: Token) -> None:
        if self.trigger.kind == "terminate":
            for token in list(my_task.workflow.tasks.values()):
                if token is not my_task:
                    token.cancel()


class Catching(Activity):
    """Waits for a time, a message or a signal: an intermediate catch event, or a receive task."""

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.trigger = Trigger()

    def begin(self, my_task: Token) -> bool:
        """Work out until when or for which correlation to wait; True when there is nothing to wait for."""
        trigger, case = self.trigger, my_task.case
        scope = case.scope(my_task)
        my_task.standing = WAITING
        if trigger.kind == "timer":
            if trigger.when is None:
                raise Failure("定时事件没有写明时间。", "The timer event does not say when.")
            value = trigger.when.value(scope, case.functions)
            self.remember(my_task, timers.schedule(value, case.now, trigger.when.text))
        elif trigger.correlation is not None:
            my_task.internal_data[CORRELATION] = str(trigger.correlation.value(scope, case.functions))
        return trigger.kind == "none"

    @staticmethod
    def remember(my_task: Token, plan: timers.Schedule) -> None:
        """Keep a timer's next moment with its token."""
        every = plan.every and [plan.every.months, plan.every.rest]
        my_task.internal_data[DUE] = [plan.due, plan.left, every]

    @staticmethod
    def schedule(my_task: Token) -> timers.Schedule | None:
        """Give the timer of a waiting token."""
        kept = my_task.internal_data.get(DUE)
        if kept is None:
            return None
        return timers.Schedule(kept[0], kept[1], timers.Interval(*kept[2]) if kept[2] else None)

    def put_off(self, my_task: Token, due: datetime) -> None:
        """Let a waiting timer be due at another moment; how often it still comes stays."""
        plan = self.schedule(my_task)
        if plan is not None:
            self.remember(my_task, replace(plan, due=timers.utc(due)))

    def interrupts(self) -> bool:
        """Say whether this event, when it happens, ends what it waits beside."""
        return True

    def catches(self, kind: str, name: str | None) -> bool:
        return self.trigger.kind == kind and self.trigger.name == name

    def caught(self, my_task: Token, payload: Mapping[str, Any] | None = None) -> None:
        """It has happened. What a message brought is stored where the event stands."""
        if not my_task.standing & OPEN:
            return
        if payload:
            my_task.internal_data[TOLD] = dict(payload)
        parent = my_task.parent
        if parent is not None and isinstance(parent.task_spec, EventGateway):
            parent.task_spec.struck(parent, my_task)
        my_task.internal_data.pop(DUE, None)
        my_task.get_ready()

    def elapsed(self, my_task: Token) -> None:
        """Its time has come."""
        self.caught(my_task)

    def work(self, my_task: Token) -> None:
        if TOLD in my_task.internal_data:
            self.keep(my_task, my_task.internal_data[TOLD])


class StartEvent(Catching):
    """Begins a process, now or when its message, signal or time comes; other start events are off then."""

    announced = False

    def _on_complete_hook(self, my_task: Token) -> None:
        for token in list(my_task.workflow.tasks.values()):
            if token is not my_task and isinstance(token.task_spec, StartEvent):
                token.cancel()


class BoundaryEvent(Catching):
    """Waits beside an activity, also beside a whole multi-instance (B5), and ends it or runs beside it."""

    announced = False

    def interrupts(self) -> bool:
        return self.element.interrupting

    @property
    def waits(self) -> bool:
        """Say whether it waits with a token; errors and escalations are thrown and need none."""
        return self.trigger.kind in {"timer", "message", "signal"}

    def arm(self, activity: Token) -> None:
        """Begin to wait together with the activity."""
        if self.waits:
            Token(activity.workflow, self, parent=activity, rounds=activity.rounds).arrive()

    def catches(self, kind: str, name: str | None) -> bool:
        trigger = self.trigger
        if trigger.kind in {"error", "escalation"}:
            return trigger.kind == kind and trigger.code in {None, name}
        return trigger.kind == kind and (kind == "cancel" or trigger.name == name)

    def strike(self, activity: Token) -> None:
        """An error, escalation or cancel was thrown inside the activity."""
        self.happen(Token(activity.workflow, self, rounds=activity.rounds), activity, None)

    def caught(self, my_task: Token, payload: Mapping[str, Any] | None = None) -> None:
        if not my_task.standing & OPEN:
            return
        activity = my_task.parent
        if self.interrupts():
            activity.release(my_task)  # or it would be cancelled with the rest
            self.happen(my_task, activity, payload)
        else:  # the one that waits stays; what it begins lives by itself
            self.happen(Token(activity.workflow, self, rounds=activity.rounds), activity, payload)

    def happen(self, my_task: Token, activity: Token, payload: Mapping[str, Any] | None) -> None:
        """Go on from here, and end the activity when the event interrupts it."""
        my_task.internal_data = {TOLD: dict(payload)} if payload else {}
        my_task.get_ready()
        if self.interrupts():
            activity.cancel()

    def elapsed(self, my_task: Token) -> None:
        following = self.schedule(my_task).following(my_task.case.now)  # type: ignore[union-attr]
        if following is None:
            my_task.internal_data.pop(DUE, None)
        else:
            self.remember(my_task, following)
        self.caught(my_task)
        if following is None and not self.interrupts():
            my_task.cancel()


def next_due(token: Token) -> datetime | None:
    """When a waiting token is due, in UTC; None when it does not wait for a time."""
    kept = token.internal_data.get(DUE) if token.standing == WAITING and not token.incident else None
    return kept[0] if kept else None
