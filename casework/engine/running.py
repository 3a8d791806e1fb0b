"""A case while it moves: tokens in rooms (a process and its subprocesses) and what goes on by itself.

SpiffWorkflow gives the task, its states, the specs and the workflow that owns them. Three of its habits
are left out:
* finished tasks stay in its tree (B4: at depth 1000 the open task becomes invisible) — here a room holds
  open tokens only, so that a case costs the same however long it lives;
* task data is copied from task to task, shallowly (B2, B3) — here variables belong to the case, and each
  instance of a multi-instance has its own, so nothing is ever copied or merged;
* the future is predicted and every waiting task is looked at after each step — here a token comes into
  being when a flow is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from casework.engine import script
from casework.engine.position import CarryOut, Effect, Message, Passed

WAITING, READY, STARTED = TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, CANCELLED = TaskState.COMPLETED, TaskState.CANCELLED
OPEN = TaskState.NOT_FINISHED_MASK
#: Times an element of one room may run by itself in one advance; more means that the drawing circles.
MAX_TURNS = 500
#: Subprocesses inside one another; more means that a process calls itself.
MAX_DEPTH = 20
CIRCLES = (
    f"此环节自行运转超过 {MAX_TURNS} 次，可能是没有人工环节的循环。",
    f"This element ran over {MAX_TURNS} times by itself; the drawing may circle without a person.",
)
INCIDENT = "!"


class Plan(Protocol):
    """What the engine needs of a drawing."""

    @property
    def spec(self) -> Any: ...
    @property
    def keeps(self) -> frozenset[str]: ...
    @property
    def decisions(self) -> Any: ...


class Token(SpiffTask):
    """A token of the drawing: SpiffWorkflow's task with a short id of its case, and without clock and log."""

    def __init__(self, room: Room, spec: Any, *, parent: Token | None = None, token: str = "",
                 rounds: Mapping[str, int] | None = None) -> None:  # fmt: skip
        super().__init__(room, spec, parent, TaskState.FUTURE, token or room.case.next_token())
        self.rounds: Mapping[str, int] = rounds or {}

    @property
    def case(self) -> Case:
        """The case this token belongs to."""
        room: Room = self.workflow
        return room.case

    @property
    def standing(self) -> int:
        """Its state: one of SpiffWorkflow's `TaskState`."""
        return self._state

    @standing.setter
    def standing(self, value: int) -> None:
        self._state = value

    @property
    def incident(self) -> list[Any] | None:
        """Why this token cannot go on: zh, en, expression."""
        told: list[Any] | None = self.internal_data.get(INCIDENT)
        return told

    @property
    def above(self) -> str | None:
        """The token this one lives in, by its id."""
        return self._parent  # type: ignore[no-any-return]

    def arrive(self) -> None:
        """Enter the element."""
        self.task_spec._update(self)  # noqa: SLF001  SpiffWorkflow's protocol between task and spec

    def get_ready(self) -> None:
        """Be due to run, or to be done by a person."""
        self._ready()

    def release(self, child: Token) -> None:
        """Let a token that lived in this one live by itself."""
        self._children.remove(child.id)
        child.parent = None

    def inside(self) -> list[Token]:
        """The tokens that live as long as this one: instances of a multi-instance, armed boundary events."""
        tasks = self.workflow.tasks
        return [tasks[child] for child in self._children if child in tasks]

    def fail(self, error: Exception) -> None:
        """Stand still here with the reason, until `flow.retry`."""
        told = script.failure(error)
        self.internal_data[INCIDENT] = [told.zh, told.en, told.expression]

    def run(self) -> bool:
        """Do what the element does, once. A failure leaves the token where it is (B11, B12)."""
        try:
            self.task_spec._run(self)  # noqa: SLF001  SpiffWorkflow's protocol between task and spec
        except Exception as error:  # noqa: BLE001  whatever an effect raises becomes an incident
            if not self.task_spec.rescued(self, error):
                self.fail(error)
            return False
        self.complete()
        return True

    def cancel(self) -> None:
        """End this token and all that lives in it. What a reminder has begun beside it goes on."""
        if self.id not in self.workflow.tasks:
            return
        was_open, self._state = self._state & OPEN, CANCELLED
        for token in self.inside():
            token.cancel()
        if was_open:
            self.task_spec._on_cancel(self)  # noqa: SLF001
        else:  # an instance that was done and could not be collected
            self.workflow.leave(self)

    def _set_state(self, value: int) -> None:
        self._state = value


class Room(Workflow):
    """One running process or subprocess. `owner` is the token of the activity it runs in; None at the top."""

    def __init__(self, case: Case, spec: WorkflowSpec, owner: Token | None) -> None:
        super().__init__(spec, deserializing=True)
        self.case = case
        self.owner = owner
        self.over = False
        self.turns: dict[str, int] = {}  # element → how often it has run in this advance
        self.fired: dict[str, int] = {}  # join → how often it has fired, for joins in loops

    @property
    def depth(self) -> int:
        """How many rooms this one lies in."""
        depth, owner = 0, self.owner
        while owner is not None:
            depth, owner = depth + 1, owner.workflow.owner
        return depth

    def circles(self, token: Token) -> bool:
        """Count a turn of an element; instances of a multi-instance are as many as its collection."""
        if token.task_spec.is_local:
            return False
        name = token.task_spec.name
        self.turns[name] = self.turns.get(name, 0) + 1
        return self.turns[name] > MAX_TURNS

    def leave(self, token: Token) -> None:
        """Take a finished token out; the room is done when nobody is left."""
        self.tasks.pop(token.id, None)
        if not self.tasks and not self.over:
            self.over = True
            if self.owner is None:
                self.case.ended = True
            else:
                self.case.rooms.pop(self.owner.id, None)
                self.owner.get_ready()

    def clear(self) -> None:
        """Cancel everything in here without telling the owner."""
        self.over = True
        for token in list(self.tasks.values()):
            token.cancel()
        self.case.rooms.pop(self.owner.id if self.owner else "", None)


class Case:
    """One case during one advance: what it is given, and what has happened so far."""

    def __init__(self, plan: Plan, variables: Mapping[str, Any], *, now: datetime, carry_out: CarryOut,
                 functions: script.Functions, issued: int = 0) -> None:  # fmt: skip
        self.plan = plan
        self.variables = dict(variables)
        self.now = now
        self.carry_out = carry_out
        self.functions = functions
        self.issued = issued
        self.rooms: dict[str, Room] = {}  # by the owner's token; "" is the top
        self.agenda: deque[Token] = deque()
        self.ended = False
        self.effects: list[Effect] = []
        self.messages: list[Message] = []
        self.passed: list[Passed] = []
        self.flows: list[str] = []
        self.ends: list[str] = []

    def next_token(self) -> str:
        """Number tokens through the life of the case: short, never used twice."""
        self.issued += 1
        return str(self.issued)

    def enter(self, spec: WorkflowSpec, owner: Token | None) -> Room:
        """Open a room for a process or subprocess; its start events begin."""
        if owner is not None and owner.workflow.depth >= MAX_DEPTH:
            zh = f"流程嵌套超过 {MAX_DEPTH} 层，可能自己调用自己。"
            raise script.Failure(zh, f"Processes lie more than {MAX_DEPTH} deep; one may call itself.")
        room = self.rooms[owner.id if owner else ""] = Room(self, spec, owner)
        for start in spec.starts:
            Token(room, start)
        for token in list(room.tasks.values()):
            token.arrive()
        return room

    def tokens(self) -> Iterator[Token]:
        """All open tokens, room by room."""
        for room in list(self.rooms.values()):
            yield from list(room.tasks.values())

    def find(self, token: str) -> Token | None:
        """The open token of this id."""
        return next((room.tasks[token] for room in self.rooms.values() if token in room.tasks), None)

    def note(self, token: Token, how: Literal["completed", "cancelled", "entered"]) -> None:
        """Keep for the record what happened to an element."""
        self.passed.append(Passed(token.task_spec.element.id, token.id, how))

    # -------- variables: the case's own, and those of the multi-instance instances a token lies in

    def instances(self, token: Token) -> list[Token]:
        """The instances of multi-instances a token lies in, innermost first."""
        found, place = [], token
        while place is not None:
            if place.task_spec.is_local:
                found.append(place)
            place = place.workflow.owner
        return found

    def scope(self, token: Token, extra: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """What an expression at this token can read."""
        instances = self.instances(token)
        if not instances and not extra:
            return self.variables
        seen = dict(self.variables)
        for instance in reversed(instances):
            seen.update(instance.task_spec.loop.counters(instance.parent))
            seen.update(instance.data)
        seen.update(extra or {})
        return seen

    def put(self, token: Token, facts: Mapping[str, Any]) -> None:
        """Store facts where the token stands: in its multi-instance instance, or in the case."""
        instances = self.instances(token)
        (instances[0].data if instances else self.variables).update(facts)

    # -------- moving

    def run(self) -> None:
        """Go on until every token waits for a person, a time, a message or a remedy."""
        for room in self.rooms.values():
            room.turns.clear()
        while self.agenda or self._look_at_joins():
            token = self.agenda.popleft()
            if token.standing != READY or token.incident:
                continue
            if token.workflow.circles(token):
                token.fail(script.Failure(*CIRCLES))
            else:
                token.run()

    def _look_at_joins(self) -> bool:
        """Let inclusive joins look round once nothing else moves."""
        for token in self.tokens():
            if token.standing == WAITING and token.task_spec.settles and token.task_spec.may_fire(token):
                token.get_ready()
        return bool(self.agenda)

    def throw(self, token: Token, kind: str, name: str | None, code: str | None) -> bool:
        """Throw a signal to the whole case, or an error or escalation outward; say if it was caught."""
        if kind == "signal":
            catchers = [t for t in self.tokens() if t.standing == WAITING and t.task_spec.catches(kind, name)]
            for catcher in catchers:
                catcher.task_spec.caught(catcher)
            return bool(catchers)
        place: Token | None = token
        while place is not None:
            for boundary in place.task_spec.boundaries:
                if boundary.catches(kind, code):
                    boundary.strike(place)
                    return True
            place = place.workflow.owner if place.parent is None else place.parent
        return False
