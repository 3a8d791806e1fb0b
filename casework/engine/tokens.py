"""The compact state of a case: its open tokens as one exact JSON text.

Nothing finished is in it, no data of forms, no spec; a list, not an object, so that no database reorders
it (B14). Forms' values reach it only within a multi-instance, through `values.dumps`, which takes any
text (B15).
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from casework.engine import values
from casework.engine.position import NeedsPlaces
from casework.engine.running import Case, Room, Token

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
    """Put the tokens back; what was moved enters its new element. Raises NeedsPlaces for a wrong drawing."""
    _, case.issued, rooms = values.loads(state)
    specs, entering = case.plan.spec, []
    for owner, name, fired, rows in rooms:
        spec = specs.main if not owner else specs.subprocesses[name]
        room = case.rooms[owner] = Room(case, spec, case.find(owner) if owner else None)
        room.fired = fired
        for row in rows:
            token = _token(room, full(row))
            if token.standing == TaskState.FUTURE:
                entering.append(token)
            elif token.standing == TaskState.READY and not token.task_spec.manual:
                case.agenda.append(token)
    case.ended = not rooms
    for token in entering:
        token.arrive()


def full(row: list[Any]) -> list[Any]:
    """Put back the empty parts at a row's end."""
    return [*row, *[0] * (7 - len(row))]


def _token(room: Room, row: list[Any]) -> Token:
    parent = room.tasks[row[PARENT]] if row[PARENT] else None
    spec = room.spec.task_specs.get(row[SPEC])
    if spec is None:
        raise NeedsPlaces((row[SPEC],))
    token = Token(room, spec, parent=parent, token=row[ID], rounds=row[ROUNDS] or None)
    token.standing = row[STATE]
    token.internal_data, token.data = row[INTERNAL] or {}, row[DATA] or {}
    return token
