"""What completing a step records besides its answers, by the step's property `record`."""

from __future__ import annotations

from collections.abc import Callable

from casework import signoffs
from casework.cases import panel_records
from casework.cases.turn import Turn
from casework.errors import NotYet
from casework.words import _


def record(turn: Turn) -> None:
    """Carry out what the drawing says this step records."""
    assert turn.step is not None  # noqa: S101  only a completed step records
    what = turn.procedure.flow.elements[turn.step.element].properties.get("record", "")
    if what:
        _RECORDERS[what](turn)


def _stamps(turn: Turn) -> None:
    """The answers hold one row an item: `verdicts: [{key, verdict, reason, defect, due}]`."""
    step, by = turn.step, turn.by
    if step is None or by is None:
        raise NotYet
    waiting = {str(row["key"]) for row in signoffs.pending(turn.case.id, step.lane)}
    verdicts = [v for v in turn.answers.get("verdicts") or [] if str(v.get("key")) in waiting]
    missing = waiting - {str(v["key"]) for v in verdicts if v.get("verdict") in signoffs.VERDICTS}
    if missing:
        raise NotYet(_("请逐项签署意见，还有项目未签署。"))
    signoffs.stamp(turn.case.id, verdicts, lane=step.lane, by=by, step_id=step.id, now=turn.now)


#: Property `record` of a user task -> what it does.
_RECORDERS: dict[str, Callable[[Turn], None]] = {"stamps": _stamps, **panel_records.RECORDERS}
RECORDS = frozenset(_RECORDERS)
