"""The engine moves a case, and where it then stands is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from casework.cases import effects
from casework.cases.settle import settle
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import flow


def move(turn: Turn, how: Callable[..., flow.Position]) -> None:
    """Whatever is done to it (`flow.tick`, `flow.tell`, …), in the caller's transaction."""
    position = how(
        turn.procedure.going_on,
        turn.case.state,
        turn.scope(),
        now=turn.now,
        carry_out=effects.carrier(turn),
        functions=turn.functions,
    )
    settle(turn, position)


def set_due(turn: Turn, dues: Mapping[str, datetime]) -> None:
    """Let waiting timers be due at other moments."""
    if not dues:
        return
    db.session.flush()

    def later(drawing: Any, state: str, variables: Any, **rest: Any) -> flow.Position:
        return flow.set_due(drawing, state, variables, dues, **rest)

    move(turn, later)
