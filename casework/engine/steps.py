"""What the elements of a drawing do when a token reaches them: tasks, effects, rules, scripts, gateways,
subprocesses.

Every evaluation happens in `_update_hook` (on entering) or `_run_hook` (on running), before anything has
changed, so that a failure leaves the token where it was and can be tried again (`Step._update`,
`Token.run`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from casework.engine import timers
from casework.engine.elements import Element
from casework.engine.position import Effect, EffectFailed
from casework.engine.running import COMPLETED, STARTED, WAITING, Token
from casework.engine.script import Failure, Formula

FACTS, ANSWERS = "facts", "answers"


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A sequence flow; without a condition it is always taken, a default one when no other is."""

    id: str
    target: Step
    condition: Formula | None = None
    default: bool = False


class RoomSpec(WorkflowSpec):
    """A process or subprocess as drawn."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.starts: tuple[Step, ...] = ()


class Step(TaskSpec):
    """Any element. Read-only once built: cases on all threads share it (B10 changed it while running)."""

    collects = False  # asks on which flow a token comes (joins)
    settles = False  # decides only when nothing else moves (inclusive joins)
    marks_round = False  # a join that stands in a loop
    announced = False  # entering it is worth a line in the record

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, name or element.id)
        self.element = element
        self.leaving: tuple[Flow, ...] = ()
        self.boundaries: tuple[Any, ...] = ()
        self.loop: Any = None  # the multi-instance or loop whose instances this is
        self.is_local = False  # an instance of this has variables of its own
        self.arguments: Mapping[str, Formula] = {}
        self.results: Mapping[str, Formula] = {}

    # -------- SpiffWorkflow's protocol, without its predictions, its copying of data and its checks at run time

    def _predict(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is foretold: a token comes into being when its flow is taken."""

    def _update(self, my_task: Token) -> None:
        try:
            ready = self._update_hook(my_task)
        except Exception as error:  # noqa: BLE001  whatever goes wrong on entering becomes an incident here
            my_task.standing = WAITING
            my_task.fail(error)
            return
        if ready:
            my_task.get_ready()

    def _update_hook(self, my_task: Token) -> bool:
        return True

    def _on_ready(self, my_task: Token) -> None:
        if not self.manual:
            my_task.case.agenda.append(my_task)

    def _run(self, my_task: Token) -> bool:
        return bool(self._run_hook(my_task))

    def _run_hook(self, my_task: Token) -> bool:
        return True

    def _on_complete(self, my_task: Token) -> None:
        case = my_task.case
        case.note(my_task, "completed")
        self._on_complete_hook(my_task)
        if self.loop is not None:
            self.loop.merge(my_task)
            return
        chosen = my_task.internal_data.pop("chosen", None)
        for flow in self.leaving if chosen is None else chosen:
            self.follow(my_task, flow)
        if not self.leaving:
            case.ends.append(self.element.id)
        my_task.workflow.leave(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        """Nothing more for most elements."""

    def _on_cancel(self, my_task: Token) -> None:
        if self.announced:
            my_task.case.note(my_task, "cancelled")
        my_task.workflow.leave(my_task)

    # -------- ours

    def follow(self, my_task: Token, flow: Flow) -> None:
        """Send a token along a flow."""
        my_task.case.flows.append(flow.id)
        arriving = Token(my_task.workflow, flow.target, rounds=my_task.rounds)
        if flow.target.collects:
            arriving.internal_data["via"] = flow.id
        arriving.arrive()

    def resume(self, my_task: Token) -> None:
        """Try again after an incident."""
        if my_task.standing == WAITING:
            self._update(my_task)
        elif not self.manual:
            my_task.case.agenda.append(my_task)

    def rescued(self, my_task: Token, error: Exception) -> bool:
        """Say whether the drawing provides for this failure."""
        return False

    def catches(self, kind: str, name: str | None) -> bool:
        """Say whether this waits for such an event."""
        return False

    def may_fire(self, my_task: Token) -> bool:
        """For joins that settle last."""
        return False

    def values(
        self, my_task: Token, formulas: Mapping[str, Formula], extra: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Evaluate a mapping at this token; an optional value may be null, a mistaken one may not."""
        case = my_task.case
        scope = case.scope(my_task, extra)
        return {name: text.optional(scope, case.functions) for name, text in formulas.items()}

    def choose(self, my_task: Token, *, several: bool) -> tuple[Flow, ...]:
        """Pick the flows whose condition holds, else the default one; none at all is a failure."""
        case = my_task.case
        found: list[Flow] = []
        scope = case.scope(my_task)
        for flow in self.leaving:
            if flow.default or (
                flow.condition is not None and not flow.condition.holds(scope, case.functions)
            ):
                continue
            found.append(flow)
            if not several:
                break
        found = found or [flow for flow in self.leaving if flow.default]
        if not found:
            raise Failure("没有一条出口的条件成立，也没有默认出口。",
                          "No outgoing flow's condition holds and there is no default flow.")  # fmt: skip
        return tuple(found)


class Activity(Step):
    """A task or subprocess: boundary events may sit on it, and it may leave by conditions."""

    announced = True

    def _update_hook(self, my_task: Token) -> bool:
        ready = self.begin(my_task)
        if self.announced:
            my_task.case.note(my_task, "entered")
        for boundary in self.boundaries:
            boundary.arm(my_task)
        return ready

    def begin(self, my_task: Token) -> bool:
        """Do what entering asks; True: ready to run."""
        return True

    def _run_hook(self, my_task: Token) -> bool:
        self.work(my_task)
        if any(flow.condition is not None for flow in self.leaving):
            my_task.internal_data["chosen"] = self.choose(my_task, several=True)
        return True

    def work(self, my_task: Token) -> None:
        """Do what the element is there for."""

    def keep(self, my_task: Token, facts: Mapping[str, Any]) -> None:
        """Store what an element brought: by its output mapping, whose values must be there, or as it is."""
        case = my_task.case
        if self.results:
            scope = case.scope(my_task, facts)
            facts = {name: text.value(scope, case.functions) for name, text in self.results.items()}
        case.put(my_task, facts)

    def _on_complete_hook(self, my_task: Token) -> None:
        for token in my_task.inside():
            token.cancel()


class PersonTask(Activity):
    """A user or manual task: waits for a person. Whom and until when is worked out once, on entering."""

    TEXTS = ("assignee", "candidateGroups", "dueDate")

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.manual = True
        self.asks: dict[str, Formula | str] = {}

    def begin(self, my_task: Token) -> bool:
        case = my_task.case
        for key, text in self.asks.items():
            value = text if isinstance(text, str) else text.value(case.scope(my_task), case.functions)
            if key == "dueDate":
                value = self._due(my_task, value, text)
            my_task.internal_data[key] = value
        return True

    @staticmethod
    def _due(my_task: Token, value: Any, text: Formula | str) -> date | datetime:
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
            case.put(my_task, self.values(my_task, self.results, answers))
        elif own := case.locals(my_task):
            own[0].update(answers)
        else:
            keeps = case.plan.keeps
            case.variables.update({key: value for key, value in answers.items() if key in keeps})

    def resume(self, my_task: Token) -> None:
        if ANSWERS in my_task.internal_data:
            my_task.case.agenda.append(my_task)
        else:
            super().resume(my_task)


class EffectTask(Activity):
    """A service task: asks the office to do something. Once done it is not done again, whatever fails after it."""

    announced = False

    def work(self, my_task: Token) -> None:
        case, element = my_task.case, self.element
        if FACTS not in my_task.internal_data:
            arguments = {**element.properties, **self.values(my_task, self.arguments, {})}
            effect = Effect(element.effect or "", element.id, element.name, lane(my_task), arguments)
            my_task.internal_data[FACTS] = dict(case.carry_out(effect, case.scope(my_task)) or {})
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
        scope = case.scope(my_task, self.values(my_task, self.arguments, {}))
        result = case.plan.decisions[element.decision].evaluate(element.decision, scope, case.functions)
        if result is None:
            raise Failure(f"决策表“{element.decision}”没有给出结果。",
                          f"The decision “{element.decision}” gives no result.", element.decision)  # fmt: skip
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
            case.put(my_task, self.values(my_task, self.arguments, {}))
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


class ExclusiveGateway(Step):
    """One way out: the first whose condition holds."""

    def _run_hook(self, my_task: Token) -> bool:
        my_task.internal_data["chosen"] = self.choose(my_task, several=False)
        return True


class EventGateway(Step):
    """Whatever happens first of the events behind it. Each waits by itself, so that two timers work (B9)."""

    announced = True

    def _update_hook(self, my_task: Token) -> bool:
        my_task.standing = STARTED
        my_task.case.note(my_task, "entered")
        for flow in self.leaving:
            waiting = Token(my_task.workflow, flow.target, parent=my_task, rounds=my_task.rounds)
            waiting.internal_data["via"] = flow.id
            waiting.arrive()
        return False

    def struck(self, my_task: Token, winner: Token) -> None:
        """One event has happened: the others are off."""
        case = my_task.case
        case.flows.append(winner.internal_data["via"])
        my_task.release(winner)
        for token in my_task.inside():
            token.cancel()
        my_task.standing = COMPLETED
        case.note(my_task, "completed")
        my_task.workflow.leave(my_task)


def lane(token: Token) -> str | None:
    """Whose step it is: the element's lane, or that of the call activity it was called from."""
    place: Token | None = token
    while place is not None:
        if found := place.task_spec.element.lane:
            return str(found)
        place = place.workflow.owner
    return None
