"""The engine moves a case, and where it then stands is written down."""

from __future__ import annotations

from collections.abc import Callable

from casework.cases import effects
from casework.cases.settle import settle
from casework.cases.turn import Turn
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
