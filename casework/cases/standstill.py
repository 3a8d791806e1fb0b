"""A suspended case (招标投标法实施条例 第六十二条): what its pages say, and what is refused meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from casework.cases import links
from casework.cases.model import Case, Step
from casework.cases.turn import Turn
from casework.engine.feel import FeelError
from casework.errors import NotYet
from casework.words import Words, _, both


@dataclass(frozen=True)
class Standstill:
    """A case that is suspended, in words: since when, by what, what rests, which dates move."""

    number: str
    since: date
    by: Words
    rests: Words
    moves: Words
    basis: Words


def of(case: Case | None, now: datetime) -> Standstill | None:
    """Whether this case is suspended, or the one it concerns; None where neither is."""
    if case is None:
        return None
    procedure = case.procedure
    if procedure.suspended is None:
        return of(case.parent, now) if procedure.stands_still is not None else None
    turn, says = Turn(case, None, now), procedure.suspended.says
    try:
        if case.status != "open" or turn.value(says["when"]) is not True:
            return None
        by, rests, moves = (
            both(str(turn.value(says[name])), str(turn.value(says[f"{name}_en"])))
            for name in ("by", "rests", "moves")
        )
        since = turn.value(says["since"])
    except FeelError:  # a case of an older version, which knows less
        return None
    basis = procedure.suspended.basis
    return Standstill(case.number, since, by, rests, moves, both(basis, procedure.says(basis, "en")))


def among(cases: Iterable[Case], now: datetime) -> dict[int, Standstill]:
    """Those of a list that are suspended, by their id."""
    found = {case.id: of(case, now) for case in cases}
    return {number: one for number, one in found.items() if one is not None}


def ask(turn: Turn, step: Step) -> None:
    """NotYet where this step rests: the case it concerns is suspended, or its result no longer stands."""
    rests = turn.procedure.stands_still
    if rests is None or step.element not in rests.steps or (parent := turn.case.parent) is None:
        return
    if (still := of(parent, turn.now)) is not None:
        raise NotYet(
            _(
                "招标投标活动自%(since)s起暂停（%(number)s，%(by)s）：%(rests)s。恢复后可以继续办理（%(basis)s）。",
                since=still.since.isoformat(),
                number=still.number,
                by=still.by,
                rests=still.rests,
                basis=still.basis,
            )
        )
    if rests.lapsed is not None and _lapsed(turn, parent):
        english = turn.procedure.says(rests.says, "en")
        raise NotYet(both(rests.says, english))


def _lapsed(turn: Turn, parent: Case) -> bool:
    rests = turn.procedure.stands_still
    scope = {**turn.scope(), "about": links.concerned(parent, turn.now)}
    return (
        rests is not None
        and rests.lapsed is not None
        and (rests.lapsed.evaluate(scope, turn.functions) is True)
    )
