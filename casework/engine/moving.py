"""Moves a case to another drawing: only open tokens need a place there. Also sets a case back to a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from casework.engine import values
from casework.engine.events import BoundaryEvent
from casework.engine.joins import ARRIVED, Join
from casework.engine.position import NeedsPlaces
from casework.engine.specs import Specs
from casework.engine.steps import RoomSpec, Step
from casework.engine.tasks import SubProcess
from casework.engine.tokens import DATA, ID, INTERNAL, PARENT, ROUNDS, SPEC, STATE, full

Row = list[Any]


def move(old: Specs, new: Specs, state: str, mapping: Mapping[str, str]) -> str:
    """Give the state in terms of another drawing's specs; `mapping` says old element → new element.

    A token keeps what it has where its element is of the same kind, and enters afresh where it is not.
    Boundary events that are gone are dropped; new ones are armed at the next act. Raises NeedsPlaces.
    """
    version, issued, rooms = values.loads(state)
    moving = _Moving(mapping, issued)
    moved = []
    places = {"": (old.main, new.main)}
    for owner, _, fired, rows in rooms:
        if owner not in places:
            continue  # its owner enters afresh and opens a new room
        before, after = places[owner]
        kept = moving.room(before, after, [full(row) for row in rows])
        for was, row in kept:
            spec = after.task_specs[row[SPEC]]
            if (
                isinstance(spec, SubProcess)
                and isinstance(was, SubProcess)
                and row[STATE] != TaskState.FUTURE
            ):
                places[row[ID]] = (old.subprocesses[was.spec], new.subprocesses[spec.spec])
        passed = {mapping.get(name, name): count for name, count in fired.items()}
        moved.append([owner, after.name, passed, [row for _, row in kept]])
    if moving.lost:
        raise NeedsPlaces(tuple(dict.fromkeys(moving.lost)))
    return values.dumps([version, moving.issued, moved])


class _Moving:
    """One move: the mapping, the last token's number, and the elements that have no place."""

    def __init__(self, mapping: Mapping[str, str], issued: int) -> None:
        self.mapping = mapping
        self.issued = issued
        self.lost: list[str] = []

    def room(self, before: RoomSpec, after: RoomSpec, rows: list[Row]) -> list[tuple[Step | None, Row]]:
        """Move the tokens of a room; each row comes with the element it stood at."""
        kept: list[tuple[Step | None, Row]] = []
        gone: set[str] = set()  # tokens whose instances and boundary events are not taken along
        for row in rows:
            was: Step = before.task_specs[row[SPEC]]
            now = after.task_specs.get(self._name(was))
            if row[PARENT] in gone or (now is None and self._falls_away(was)):
                continue
            if now is None:
                self.lost.append(was.element.id)
                continue
            row[SPEC] = now.name
            if type(now) is not type(was):
                row[STATE], row[INTERNAL], row[DATA] = TaskState.FUTURE, 0, 0
                gone.add(row[ID])
            elif isinstance(now, Join) and isinstance(was, Join) and not self._same_flows(was, now, row):
                self.lost.append(was.element.id)
            kept.append((was, row))
        return kept + [(None, row) for row in self._new_boundaries(after, [row for _, row in kept])]

    def _name(self, was: Step) -> str:
        element = was.element.id
        return self.mapping.get(element, element) + ("*" if was.loop is not None else "")

    @staticmethod
    def _falls_away(was: Step) -> bool:
        """A boundary event may go; an instance goes with its multi-instance, which has a place or is lost."""
        return isinstance(was, BoundaryEvent) or was.loop is not None

    def _same_flows(self, was: Join, now: Join, row: Row) -> bool:
        """Translate the flows on which tokens have arrived at a join, by where they come from."""
        sources = {flow: self.mapping.get(step.element.id, step.element.id) for flow, step in was.arriving}
        flows = {step.element.id: flow for flow, step in now.arriving}
        known = {flow for flow, _ in now.arriving}
        arrived = [flow if flow in known else flows.get(sources[flow]) for flow in row[INTERNAL][ARRIVED]]
        row[INTERNAL][ARRIVED] = arrived
        return None not in arrived

    def _new_boundaries(self, after: RoomSpec, kept: list[Row]) -> list[Row]:
        armed = {(row[PARENT], row[SPEC]) for row in kept}
        new = []
        for row in kept:
            if row[STATE] == TaskState.FUTURE:
                continue
            for boundary in after.task_specs[row[SPEC]].boundaries:
                if boundary.waits and (row[ID], boundary.name) not in armed:
                    self.issued += 1
                    new.append(
                        [str(self.issued), boundary.name, TaskState.FUTURE, row[ID], 0, 0, row[ROUNDS]]
                    )
        return new
