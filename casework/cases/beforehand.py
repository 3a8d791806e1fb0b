"""What earlier steps have to say to the one being done: what was asked of it, what has changed meanwhile.

Properties of a user task (workflows/README.md): `recalls`, earlier steps whose newest answers stand open
beside it, `step.question` for one answer alone; `compares`, the step whose newest answers are compared with
those it was given the time before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from casework import forms
from casework.cases import privacy
from casework.cases.model import Step
from casework.cases.shown import Answered, answered
from casework.cases.turn import Turn
from casework.db import db


@dataclass(frozen=True)
class Recalled:
    """An earlier step, with those of its answers that this one rests on."""

    step: Step
    parts: tuple[forms.Part, ...]


@dataclass(frozen=True)
class Compared:
    """What a step that was done once more has changed; nothing is said too."""

    step: Step
    since: Step
    changes: tuple[forms.Change, ...]


def recalled(step: Step, known: Sequence[Answered]) -> list[Recalled]:
    """Of what this reader knows, what the drawing lays open beside the step."""
    found: list[Recalled] = []
    for name in _property(step, "recalls").split():
        element, _dot, key = name.partition(".")
        there = (one for one in known if one.step.element == element)
        found += [Recalled(one.step, tuple(_only(one.bound.parts(), key))) for one in there]
    return [one for one in found if one.parts]


def _only(parts: Sequence[forms.Part], key: str) -> list[forms.Part]:
    """The parts; with a key, of that one answer what was answered."""
    if not key:
        return list(parts)
    said = (
        replace(part, title=line.label, lines=(line,))
        for part in parts
        for line in part.lines
        if line.key == key
    )
    return [part for part in said if part.lines[0].answered]


def compared(turn: Turn, step: Step, known: Sequence[Answered], lang: str) -> Compared | None:
    """What was changed where the drawing says so; None where nothing was done twice yet."""
    element = _property(step, "compares")
    new = next((one for one in known if element and one.step.element == element), None)
    if new is None:
        return None
    query = sa.select(Step).where(
        Step.case_id == step.case_id,
        Step.element == element,
        Step.status == "done",
        Step.organisation_id == new.step.organisation_id,
        Step.id < new.step.id,
    )
    old = db.session.scalars(query.order_by(Step.id.desc()).limit(1)).first()
    if old is None or privacy.hidden(old, turn.by, turn.now):
        return None
    found = forms.changes(answered(old, lang).parts(), new.bound.parts(), lang)
    return Compared(new.step, old, tuple(found))


def _property(step: Step, name: str) -> str:
    return str(step.case.procedure.flow.elements[step.element].properties.get(name, ""))
