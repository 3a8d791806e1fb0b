"""A suspended case (招标投标法实施条例 第六十二条): what its pages say, and what is refused meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework.cases import links, lists
from casework.cases.model import Case, Step
from casework.cases.turn import Turn
from casework.db import db
from casework.engine.feel import FeelError
from casework.errors import NotYet
from casework.people import Post
from casework.words import Words, _, both, dated


@dataclass(frozen=True)
class Standstill:
    """A case that is suspended, in words: since when, by what, what rests, which dates move.

    The number of a complaint stands in `by` only for those who may see that case.
    """

    number: str
    since: date
    by: Words
    rests: Words
    moves: Words
    basis: Words


def of(case: Case | None, now: datetime, by: Post | None) -> Standstill | None:
    """Whether this case is suspended, or the one it concerns, as `by` may read it; None where neither is."""
    if case is None:
        return None
    procedure = case.procedure
    if procedure.suspended is None:
        return of(case.parent, now, by) if procedure.stands_still is not None else None
    turn, says = Turn(case, None, now), procedure.suspended.says
    try:
        if case.status != "open" or turn.value(says["when"]) is not True:
            return None
        rests, moves = (
            both(str(turn.value(says[name])), str(turn.value(says[f"{name}_en"])))
            for name in ("rests", "moves")
        )
        since, orders = turn.value(says["since"]), list(turn.value(says["by"]))
        return Standstill(case.number, since, _named(orders, by), rests, moves, _cited(orders))
    except (FeelError, KeyError):  # a case of an older version, which knows less
        return None


def _cited(orders: Iterable[Mapping[str, Any]]) -> Words:
    """The articles it rests on, each once."""
    found = {str(one["basis"]): str(one["basis_en"]) for one in orders}
    return both("、".join(found), "; ".join(found.values()))


def _named(orders: Sequence[Mapping[str, Any]], by: Post | None) -> Words:
    """What suspends the case, each kind once; with the numbers of the cases that `by` may see."""
    seen: frozenset[str] = frozenset()
    if by is not None:
        query = sa.select(Case.number).where(Case.number.in_([str(one["number"]) for one in orders]))
        seen = frozenset(db.session.scalars(query.where(lists.visible(by))))

    def said(name: str, mark: str, between: str) -> str:
        lines = (str(one[name]) + (mark % one["number"] if one["number"] in seen else "") for one in orders)
        return between.join(dict.fromkeys(lines))

    return both(said("says", "（%s）", "、"), said("says_en", " (%s)", ", "))


def among(cases: Iterable[Case], now: datetime, by: Post) -> dict[int, Standstill]:
    """Those of a list that are suspended, by their id."""
    able = [one for one in cases if one.procedure.suspended or one.procedure.stands_still]
    if not able:
        return {}
    query = sa.select(Case).where(Case.id.in_([one.id for one in able]))
    read = (joinedload(Case.kept), joinedload(Case.parent).joinedload(Case.kept))
    found = {case.id: of(case, now, by) for case in db.session.scalars(query.options(*read))}
    return {number: one for number, one in found.items() if one is not None}


def ask(turn: Turn, step: Step, by: Post) -> None:
    """NotYet where this step rests: the case (or the one it concerns) is suspended, its result has lapsed."""
    if step.element not in _steps(turn):
        return
    if (still := of(turn.case, turn.now, by)) is not None:
        raise NotYet(
            _(
                "招标投标活动自%(since)s起暂停（%(number)s，%(by)s）：%(rests)s。恢复后可以继续办理（%(basis)s）。",
                since=dated(still.since),
                number=still.number,
                by=still.by,
                rests=still.rests,
                basis=still.basis,
            )
        )
    other = turn.procedure.stands_still
    if other is not None and lapsed(turn):
        raise NotYet(both(other.says, turn.procedure.says(other.says, "en")))


def rests_here(turn: Turn, step: Step, still: Standstill | None) -> bool:
    """Whether this step may not be done while the case, or the one it concerns, is suspended."""
    return still is not None and step.element in _steps(turn)


def _steps(turn: Turn) -> frozenset[str]:
    own, other = turn.procedure.suspended, turn.procedure.stands_still
    steps = own.steps if own else frozenset[str]()
    if own and _ordered(turn):
        steps |= own.acts
    return steps | other.steps if other is not None and turn.case.parent is not None else steps


def rests(turn: Turn) -> frozenset[str]:
    """The steps and timers that rest whenever the case, or the one it concerns, is suspended."""
    steps = _steps(turn)
    elements = turn.procedure.flow.elements.values() if steps else ()
    return steps | {one.id for one in elements if one.attached in steps}


def resting(turn: Turn) -> frozenset[str]:
    """Those that rest now, by an order that is not lifted."""
    return rests(turn) if _ordered(turn) else frozenset()


def _ordered(turn: Turn) -> bool:
    """Whether an order that is not lifted suspends the case, or the one it concerns."""
    stops = turn.stopped() if turn.procedure.suspended else turn.stops({})
    return any(one.ends is None for one in stops)


def lapsed(turn: Turn) -> bool:
    """Whether the result that this case rests on no longer stands."""
    rests, parent = turn.procedure.stands_still, turn.case.parent
    if rests is None or rests.lapsed is None or parent is None:
        return False
    scope = {**turn.scope(), "about": links.concerned(parent, turn.now)}
    return rests.lapsed.evaluate(scope, turn.functions) is True
