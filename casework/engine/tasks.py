"""The tasks of a drawing: steps for persons, effects, rules, scripts, subprocesses and calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from casework.engine import timers, values
from casework.engine.elements import Element
from casework.engine.position import Effect, EffectFailed
from casework.engine.running import STARTED, Token
from casework.engine.script import Failure, Formula
from casework.engine.steps import Activity, RoomSpec, lane

#: What a token keeps until all its work is done: what an effect answered, what a person filled in.
FACTS, ANSWERS = "facts", "answers"


class PersonTask(Activity):
    """A user or manual task: waits for a person. Whom and until when is worked out once, on entering."""

    TEXTS = ("assignee", "candidateGroups", "dueDate")

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.manual = True
        self.asks: dict[str, Formula | str] = {}

    def begin(self, my_task: Token) -> bool:
        case = my_task.case
        scope = case.scope(my_task, self.evaluated(my_task, self.arguments, {}))
        for key, text in self.asks.items():
            value = text if isinstance(text, str) else text.value(scope, case.functions)
            if key == "dueDate":
                value = self._due(my_task, value, text)
            elif value is text:
                continue
            my_task.internal_data[key] = value
        return True

    def asked(self, my_task: Token, key: str) -> Any:
        """What `begin` worked out for this token, or what is drawn for all."""
        return my_task.internal_data.get(key, self.asks.get(key))

    @staticmethod
    def _due(my_task: Token, value: Any, text: Formula | str) -> date | datetime:
        if isinstance(value, str) and timers.DAY.fullmatch(value):
            value = date.fromisoformat(value)
        if isinstance(value, date):  # a date-time is one too
            return value
        return timers.schedule(value, my_task.case.now, text if isinstance(text, str) else text.text).due

    def answer(self, my_task: Token, answers: Mapping[str, Any]) -> None:
        """Take a form's answers and be done; they stay with the token if something fails."""
        my_task.internal_data[ANSWERS] = dict(answers)
        my_task.run()

    def work(self, my_task: Token) -> None:
        """Keep the answers: local within a multi-instance, elsewhere only what the drawing reads."""
        case, answers = my_task.case, my_task.internal_data.get(ANSWERS, {})
        if self.results:
            case.put(my_task, self.evaluated(my_task, self.results, answers))
        elif case.instances(my_task):
            case.put(my_task, answers)
        else:
            keeps = case.plan.keeps
            case.variables.update({key: value for key, value in answers.items() if key in keeps})

    def resume(self, my_task: Token) -> None:
        if ANSWERS in my_task.internal_data:
            my_task.case.agenda.append(my_task)
        else:
            super().resume(my_task)


class EffectTask(Activity):
    """A service task: asks the office to do something, and never twice, whatever fails after it."""

    announced = False

    def work(self, my_task: Token) -> None:
        case, element = my_task.case, self.element
        if FACTS not in my_task.internal_data:
            arguments = {**element.properties, **self.evaluated(my_task, self.arguments, {})}
            effect = Effect(element.effect or "", element.id, element.name, lane(my_task), arguments)
            facts = case.carry_out(effect, MappingProxyType(case.scope(my_task)))
            my_task.internal_data[FACTS] = values.feel(facts or {})
            case.effects.append(effect)
        self.keep(my_task, my_task.internal_data[FACTS])

    def rescued(self, my_task: Token, error: Exception) -> bool:
        """An effect may fail with a code for which the drawing has an error boundary event."""
        if not isinstance(error, EffectFailed) or error.code is None:
            return False
        return my_task.case.throw(my_task, "error", None, error.code)


class RuleTask(Activity):
    """A business rule task: asks a decision table."""

    announced = False

    def work(self, my_task: Token) -> None:
        case, element = my_task.case, self.element
        scope = case.scope(my_task, self.evaluated(my_task, self.arguments, {}))
        result = case.plan.decisions[element.decision].evaluate(element.decision, scope, case.functions)
        if result is None:
            zh = f"决策表“{element.decision}”没有给出结果。"
            raise Failure(zh, f"The decision “{element.decision}” gives no result.", element.decision)
        if element.result:
            self.keep(my_task, {element.result: result})
        elif isinstance(result, Mapping):
            self.keep(my_task, result)
        else:
            self.keep(my_task, {str(element.decision): result})


class ScriptTask(Activity):
    """A script task: lines `name = FEEL`, each seeing those before it."""

    announced = False

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.lines: tuple[tuple[str, Formula], ...] = ()

    def work(self, my_task: Token) -> None:
        case = my_task.case
        found: dict[str, Any] = {}
        for name, text in self.lines:
            found[name] = text.value(case.scope(my_task, found), case.functions)
        self.keep(my_task, found)


class SubProcess(Activity):
    """An embedded subprocess or a call activity: runs a room of its own. Variables are those of the case."""

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.spec = ""

    def begin(self, my_task: Token) -> bool:
        case = my_task.case
        if self.arguments:
            case.put(my_task, self.evaluated(my_task, self.arguments, {}))
        my_task.standing = STARTED
        case.enter(case.plan.spec.subprocesses[self.spec], my_task)
        return False

    def work(self, my_task: Token) -> None:
        if self.results:
            self.keep(my_task, {})

    def _on_cancel(self, my_task: Token) -> None:
        if room := my_task.case.rooms.get(my_task.id):
            room.clear()
        super()._on_cancel(my_task)
