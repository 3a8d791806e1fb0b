"""What a step keeps from others: who alone may do it, whose eyes its answers wait for, who sees nothing else.

Properties of a user task (workflows/README.md): `person`, the user who alone may complete it; `secret_until`,
up to which its answers are shown to nobody but whoever gave them; `secret`: its answers are for the
organisation that gave them and for those who supervise, for good; `apart`: its party sees this step alone.
"""

from __future__ import annotations

from datetime import datetime

from casework import rules
from casework.cases.model import Step
from casework.cases.turn import Turn
from casework.engine import feel
from casework.engine.feel import FeelError
from casework.people import Post


def _property(step: Step, name: str) -> str:
    element = step.procedure.flow.elements.get(step.element)
    return element.properties.get(name, "") if element else ""


def apart(step: Step) -> bool:
    """Whether its party sees nothing of the case but this step."""
    return _property(step, "apart") == "true"


def ask_person(turn: Turn, step: Step, by: Post) -> None:
    """Only the person named, not a colleague in the same post."""
    text = turn.procedure.flow.elements[step.element].properties.get("person", "")
    if text:
        scope = turn.scope() | {"item": step.item}
        rules.in_person.ask(by, feel.compile(text).require(scope, turn.functions))


def hidden(step: Step, by: Post | None, now: datetime) -> bool:
    """Whether the answers of a completed step are still secret to this reader."""
    if _property(step, "secret") == "true":
        return by is None or not rules.confided(by, step.organisation_id)
    text = _property(step, "secret_until")
    if not text or (by is not None and step.done_user_id == by.user_id):
        return False
    turn = Turn(step.case, by, now)
    try:
        return feel.compile(text).evaluate(turn.scope(), turn.functions) is not True
    except FeelError:
        return True
