"""What every element of a drawing does with a token: take it in, do its work, send it on.

Every evaluation happens in `_update_hook` (on entering) or `_run_hook` (on running), before anything has
changed, so that a failure leaves the token where it was and can be tried again (`Step._update`,
`Token.run`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from casework.engine.elements import Element
from casework.engine.running import WAITING, Token
from casework.engine.script import Failure, Formula


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

    # -------- SpiffWorkflow's protocol, without its predictions, copying of data and checks while running

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

    def evaluated(
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
            zh = "没有一条出口的条件成立，也没有默认出口。"
            raise Failure(zh, "No outgoing flow's condition holds and there is no default flow.")
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
        if "worked" not in my_task.internal_data:  # what follows may fail, and work is not done twice
            self.work(my_task)
            my_task.internal_data["worked"] = True
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


def lane(token: Token) -> str | None:
    """Whose step it is: the element's lane, or that of the call activity it was called from."""
    place: Token | None = token
    while place is not None:
        if found := place.task_spec.element.lane:
            return str(found)
        place = place.workflow.owner
    return None
