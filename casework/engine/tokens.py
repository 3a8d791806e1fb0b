"""The compact state of a case: its open tokens as one exact JSON text, and moving them to another drawing.

Nothing finished is in it, no data of forms, no spec; a list, not an object, so that no database reorders
it (B14). Forms' values reach it only within a multi-instance, through `values.dumps`, which takes any
text (B15).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from casework.engine import values
from casework.engine.events import BoundaryEvent
from casework.engine.joins import ARRIVED, Join
from casework.engine.position import NeedsPlaces
from casework.engine.running import Case, Room, Token
from casework.engine.steps import RoomSpec, Step, SubProcess

VERSION = 1
#: Where the parts of a token's row stand; empty parts at its end are left out.
ID, SPEC, STATE, PARENT, INTERNAL, DATA, ROUNDS = range(7)


def dump(case: Case) -> str:
    """Write the open tokens down."""
    rooms = []
    for owner, room in case.rooms.items():
        rows = [_row(token) for token in room.tasks.values()]
        rooms.append([owner, room.spec.name, room.fired, rows])
    return values.dumps([VERSION, case.issued, rooms])


def _row(token: Token) -> list[Any]:
    row = [token.id, token.task_spec.name, token.standing, token.above or 0, token.internal_data or 0,
           token.data or 0, token.rounds or 0]  # fmt: skip
    while not row[-1]:
        row.pop()
    return row


def load(case: Case, state: str) -> None:
    """Put the tokens back. What goes on by itself is on the agenda; what was moved enters its new element."""
    _, case.issued, rooms = values.loads(state)
    specs, entering = case.plan.spec, []
    for owner, name, fired, rows in rooms:
        spec = specs.main if not owner else specs.subprocesses[name]
        room = case.rooms[owner] = Room(case, spec, case.find(owner) if owner else None)
        room.fired = fired
        for row in rows:
            token = _token(room, row + [0] * (7 - len(row)))
            if token.standing == TaskState.FUTURE:
                entering.append(token)
            elif token.standing == TaskState.READY and not token.task_spec.manual:
                case.agenda.append(token)
    case.ended = not rooms
    for token in entering:
        token.arrive()


def _token(room: Room, row: list[Any]) -> Token:
    parent = room.tasks[row[PARENT]] if row[PARENT] else None
    token = Token(
        room, room.spec.task_specs[row[SPEC]], parent=parent, token=row[ID], rounds=row[ROUNDS] or None
    )
    token.standing = row[STATE]
    token.internal_data, token.data = row[INTERNAL] or {}, row[DATA] or {}
    return token


def move(old: Any, new: Any, state: str, mapping: Mapping[str, str]) -> str:
    """Give the state in terms of another drawing's specs; `mapping` says old element → new element.

    A token keeps what it has where its element is of the same kind, and enters afresh where it is not. Boundary
    events that are gone are dropped, new ones are armed at the next act. Raises NeedsPlaces.
    """
    version, issued, rooms = values.loads(state)
    counter, moved = [issued], []
    lost: list[str] = []
    places: dict[str, tuple[RoomSpec, RoomSpec]] = {"": (old.main, new.main)}
    for owner, _, fired, rows in rooms:
        if owner not in places:
            continue  # its owner enters afresh and opens a new room
        before, after = places[owner]
        kept = _move_room(before, after, rows, mapping, lost, counter)
        for row in kept:
            spec = after.task_specs[row[SPEC]]
            if isinstance(spec, SubProcess) and row[STATE] != TaskState.FUTURE:
                was = before.task_specs[next(r[SPEC] for r in rows if r[ID] == row[ID])]
                places[row[ID]] = (old.subprocesses[was.spec], new.subprocesses[spec.spec])
        named = {mapping.get(name, name): count for name, count in fired.items()}
        moved.append([owner, after.name, named, kept])
    if lost:
        raise NeedsPlaces(tuple(dict.fromkeys(lost)))
    return values.dumps([version, counter[0], moved])


def _move_room(before: RoomSpec, after: RoomSpec, rows: list[list[Any]], mapping: Mapping[str, str],
               lost: list[str], counter: list[int]) -> list[list[Any]]:  # fmt: skip
    kept: list[list[Any]] = []
    afresh: set[str] = set()
    for full in rows:
        row = [*full, *[0] * (7 - len(full))]
        was = before.task_specs[row[SPEC]]
        element = mapping.get(was.element.id, was.element.id)
        now = after.task_specs.get(element + ("*" if was.loop is not None else ""))
        if row[PARENT] in afresh or (now is None and isinstance(was, BoundaryEvent)):
            continue
        if now is None and was.loop is not None:
            continue  # its wrapper enters afresh or has no place
        if now is None:
            lost.append(was.element.id)
            continue
        row[SPEC] = now.name
        if type(now) is not type(was):
            row[STATE], row[INTERNAL], row[DATA] = TaskState.FUTURE, 0, 0
            afresh.add(row[ID])
        elif isinstance(now, Join) and not _same_flows(was, now, row, mapping):
            lost.append(was.element.id)
        kept.append(row)
    return kept + _new_boundaries(after, kept, counter)


def _same_flows(was: Join, now: Join, row: list[Any], mapping: Mapping[str, str]) -> bool:
    """Translate the flows on which tokens have arrived at a join, by where they come from."""
    sources = {flow: mapping.get(source.element.id, source.element.id) for flow, source in was.arriving}
    flows = {source.element.id: flow for flow, source in now.arriving}
    known = {flow for flow, _ in now.arriving}
    found = [flow if flow in known else flows.get(sources[flow]) for flow in row[INTERNAL][ARRIVED]]
    row[INTERNAL][ARRIVED] = found
    return None not in found


def _new_boundaries(after: RoomSpec, kept: list[list[Any]], counter: list[int]) -> list[list[Any]]:
    armed = {(row[PARENT], row[SPEC]) for row in kept}
    new = []
    for row in kept:
        spec: Step = after.task_specs[row[SPEC]]
        if row[STATE] == TaskState.FUTURE:
            continue
        for boundary in spec.boundaries:
            if boundary.waits and (row[ID], boundary.name) not in armed:
                counter[0] += 1
                new.append([str(counter[0]), boundary.name, TaskState.FUTURE, row[ID], 0, 0, row[ROUNDS]])
    return new
