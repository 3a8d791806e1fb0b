"""Parallel and inclusive gateways: joins that are right in loops.

SpiffWorkflow (all versions to 3.2.0) decides whether a join may fire by searching its tree for former
instances of it; from the second round of a loop on, branches of the round before count as arrived: one
opinion out of three was enough, and the other two were deleted (B1). When the branches meet it merges
their data and loses edits (B2).

Here a waiting join keeps the flows on which tokens have arrived, as BPMN says (13.3.3, 13.3.5). Two
things are added:
* Rounds. Every token carries, for each join in a loop that it has passed, how often that join had fired.
  Only tokens of the same round meet; one that comes late, after its round has fired, is taken off and not
  counted for the next.
* A flow that no token can take in this round (the way back of a loop that leads straight into the join)
  is not waited for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casework.engine.elements import Element
from casework.engine.running import COMPLETED, OPEN, WAITING, Token
from casework.engine.script import Failure
from casework.engine.steps import Flow, RoomSpec, Step

ARRIVED = "arrived"


class Join(Step):
    """Collects tokens of one round."""

    collects = True

    def __init__(self, room: RoomSpec, element: Element, name: str = "") -> None:
        super().__init__(room, element, name)
        self.arriving: tuple[tuple[str, Step], ...] = ()  # incoming flows and where they come from
        self.first: frozenset[str] = frozenset()  # flows to be waited for in the first round
        self.later: frozenset[str] = frozenset()  # and in any later one
        self.before: dict[
            str, frozenset[str]
        ] = {}  # flow → elements from which it can be reached, not through here

    def prepare(self, starts: Iterable[Step]) -> None:
        """Work out what leads here, once, when the drawing is read."""
        sources: dict[str, set[str]] = {}
        for spec in self._wf_spec.task_specs.values():
            for target in onward(spec):
                sources.setdefault(target.name, set()).add(spec.name)
        self.before = {flow: self._upstream(source.name, sources) for flow, source in self.arriving}
        self.first = self._reached(starts)
        self.later = self._reached(flow.target for flow in self.leaving)
        self.marks_round = len(self.arriving) > 1 and bool(
            {spec.name for spec in _downstream(self, self.leaving)} & {self.name}
        )

    def _upstream(self, name: str, sources: dict[str, set[str]]) -> frozenset[str]:
        seen: set[str] = set()
        todo = [name]
        while todo:
            name = todo.pop()
            if name not in seen and name != self.name:
                seen.add(name)
                todo.extend(sources.get(name, ()))
        return frozenset(seen)

    def _reached(self, begin: Iterable[Step]) -> frozenset[str]:
        names = {spec.name for spec in begin}
        return frozenset(flow for flow, upstream in self.before.items() if upstream & names) or frozenset(
            self.before
        )

    def round_of(self, token: Token) -> int:
        """In which round of its loop a token is, as this join counts."""
        return token.rounds.get(self.name, 0)

    def _update_hook(self, my_task: Token) -> bool:
        """Meet the tokens that wait here; True when all are there."""
        room, via = my_task.workflow, my_task.internal_data.pop("via", None)
        if via is not None:
            if self.marks_round and self.round_of(my_task) < room.fired.get(self.name, 0):
                self._take_off(my_task)
                return False
            waiting = self._waiting(my_task, via)
            if waiting is not None:
                waiting.internal_data[ARRIVED].append(via)
                waiting.rounds = {**waiting.rounds, **_later_of(waiting.rounds, my_task.rounds)}
                self._take_off(my_task)
                my_task = waiting
            else:
                my_task.internal_data[ARRIVED] = [via]
        my_task.internal_data.setdefault(ARRIVED, [])
        my_task.standing = WAITING
        if self.complete(my_task):
            my_task.get_ready()
        return False

    def _waiting(self, arriving: Token, via: str) -> Token | None:
        """The token that waits for this flow in this round; a second one on it waits for its own turn."""
        for token in arriving.workflow.tasks.values():
            if (token is not arriving and token.task_spec is self and token.standing == WAITING
                    and self.round_of(token) == self.round_of(arriving)
                    and via not in token.internal_data[ARRIVED]):  # fmt: skip
                return token  # type: ignore[no-any-return]
        return None

    @staticmethod
    def _take_off(token: Token) -> None:
        token.standing = COMPLETED
        token.workflow.leave(token)

    def complete(self, my_task: Token) -> bool:
        """Say whether every branch has arrived."""
        return not self.missing(my_task)

    def missing(self, my_task: Token) -> frozenset[str]:
        """The flows that are still waited for."""
        wanted = self.later if self.round_of(my_task) else self.first
        return wanted - frozenset(my_task.internal_data[ARRIVED])

    def others(self, my_task: Token) -> set[str]:
        """Where tokens of the same round stand in this room."""
        mine = self.round_of(my_task)
        return {
            token.task_spec.name
            for token in my_task.workflow.tasks.values()
            if token.task_spec is not self and token.standing & OPEN and self.round_of(token) == mine
        }

    def dead(self, my_task: Token) -> bool:
        """Say whether this waits for a branch that can no longer arrive: the drawing is wrong."""
        around = self.others(my_task)
        return any(not (self.before[flow] & around) for flow in self.missing(my_task))

    def _on_complete_hook(self, my_task: Token) -> None:
        if self.marks_round:
            room = my_task.workflow
            room.fired[self.name] = max(room.fired.get(self.name, 0), self.round_of(my_task) + 1)
            my_task.rounds = {**my_task.rounds, self.name: self.round_of(my_task) + 1}
            for token in list(
                room.tasks.values()
            ):  # a second token on one flow of this round is out of date now
                if (
                    token.task_spec is self
                    and token is not my_task
                    and self.round_of(token) < room.fired[self.name]
                ):
                    self._take_off(token)

    def _run_hook(self, my_task: Token) -> bool:
        if not self.leaving:
            raise Failure("此网关没有出口。", "This gateway has no outgoing flow.")
        return True


class ParallelGateway(Join):
    """Waits for every branch, then begins every branch."""


class InclusiveGateway(Join):
    """Waits for the branches that were begun, then begins those whose condition holds."""

    settles = True

    def complete(self, my_task: Token) -> bool:
        """An inclusive join settles when nothing else moves, unless every flow has brought its token."""
        return frozenset(self.before) <= frozenset(my_task.internal_data[ARRIVED])

    def may_fire(self, my_task: Token) -> bool:
        """BPMN 13.3.3: wait for a token that can reach an empty flow, unless it reaches a filled one too."""
        if my_task.incident:
            return False
        arrived = frozenset(my_task.internal_data[ARRIVED])
        filled: set[str] = set().union(*(self.before[flow] for flow in arrived if flow in self.before))
        empty: set[str] = set().union(*(self.before[flow] for flow in self.before.keys() - arrived))
        return not (self.others(my_task) & (empty - filled))

    def dead(self, my_task: Token) -> bool:
        """It never waits in vain."""
        return False

    def _run_hook(self, my_task: Token) -> bool:
        super()._run_hook(my_task)
        if any(flow.condition is not None for flow in self.leaving):
            my_task.internal_data["chosen"] = self.choose(my_task, several=True)
        return True


def onward(spec: Step) -> list[Step]:
    """Where a token at an element can go next: its flows, and those of the boundary events on it."""
    return [flow.target for flow in spec.leaving] + list(spec.boundaries)


def _downstream(join: Step, flows: Iterable[Flow]) -> set[Step]:
    seen: set[Step] = set()
    todo: list[Any] = [flow.target for flow in flows]
    while todo:
        spec = todo.pop()
        if spec not in seen:
            seen.add(spec)
            todo.extend(onward(spec))
    return seen


def _later_of(one: Any, other: Any) -> dict[str, int]:
    return {name: max(one.get(name, 0), turn) for name, turn in other.items()}
