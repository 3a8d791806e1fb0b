"""How points and ranges lie to each other (DMN 1.3 table 80, clause 10.3.4.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.engine.feel import operators
from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Null, Run
from casework.engine.values import Range

FUNCTIONS: Table = {}

_Relation = Callable[[Range, Range], bool]


def _less(a: Any, b: Any) -> bool:
    return operators.ordered("<", a, b)


def _same(a: Any, b: Any) -> bool:
    return operators.ordered("<=", a, b) and operators.ordered(">=", a, b)


def _ends_before(a: Range, b: Range) -> bool:
    """A ends before b starts; ends that touch do not overlap when one of them is open."""
    return _less(a.high, b.low) or (_same(a.high, b.low) and not (a.high_closed and b.low_closed))


def _same_start(a: Range, b: Range) -> bool:
    return _same(a.low, b.low) and a.low_closed == b.low_closed


def _same_end(a: Range, b: Range) -> bool:
    return _same(a.high, b.high) and a.high_closed == b.high_closed


def _starts_within(a: Range, b: Range) -> bool:
    """A starts where b does, or later."""
    return _less(b.low, a.low) or (_same(a.low, b.low) and (b.low_closed or not a.low_closed))


def _ends_within(a: Range, b: Range) -> bool:
    return _less(a.high, b.high) or (_same(a.high, b.high) and (b.high_closed or not a.high_closed))


def _includes(a: Range, b: Range) -> bool:
    return _starts_within(b, a) and _ends_within(b, a)


def _overlaps(a: Range, b: Range) -> bool:
    return not _ends_before(a, b) and not _ends_before(b, a)


def _overlaps_start(a: Range, b: Range) -> bool:
    """A begins before b, and ends inside it."""
    earlier = _less(a.low, b.low) or (_same(a.low, b.low) and a.low_closed and not b.low_closed)
    return earlier and not _ends_before(a, b) and _ends_within(a, b)


def _overlaps_end(a: Range, b: Range) -> bool:
    """A begins inside b and after b's beginning, and ends where b does, or later."""
    later = _less(b.low, a.low) or (_same(a.low, b.low) and b.low_closed and not a.low_closed)
    return later and not _ends_before(b, a) and _ends_within(b, a)


def _meets(a: Range, b: Range) -> bool:
    return a.high_closed and b.low_closed and _same(a.high, b.low)


def _coincides(a: Range, b: Range) -> bool:
    return _same_start(a, b) and _same_end(a, b)


def _starts(a: Range, b: Range) -> bool:
    return _same_start(a, b) and _ends_within(a, b)


def _finishes(a: Range, b: Range) -> bool:
    return _same_end(a, b) and _starts_within(a, b)


def _span(value: Any) -> Range:
    """A point as a range. Raises Null for ranges without one of their ends."""
    if type(value) is not Range:
        return Range(value, value)
    if value.low is None or value.high is None:
        raise Null("区间缺少一端", "the range lacks an end")
    return value


#: Name, its parameters, the relation, and which sides must be ranges (a point will not do).
_RELATIONS: tuple[tuple[str, str, _Relation, str], ...] = (
    ("before", "point1 point2", _ends_before, "any"),
    ("after", "point1 point2", lambda a, b: _ends_before(b, a), "any"),
    ("meets", "range1 range2", _meets, "both"),
    ("met by", "range1 range2", lambda a, b: _meets(b, a), "both"),
    ("overlaps", "range1 range2", _overlaps, "both"),
    ("overlaps before", "range1 range2", _overlaps_start, "both"),
    ("overlaps after", "range1 range2", _overlaps_end, "both"),
    ("finishes", "point range", _finishes, "second"),
    ("finished by", "range point", lambda a, b: _finishes(b, a), "first"),
    ("includes", "range point", _includes, "first"),
    ("during", "point range", lambda a, b: _includes(b, a), "second"),
    ("starts", "point range", _starts, "second"),
    ("started by", "range point", lambda a, b: _starts(b, a), "first"),
    ("coincides", "point1 point2", _coincides, "any"),
)


def _enter(name: str, parameters: str, relation: _Relation, wanted: str) -> None:
    def call(run: Run, a: Any, b: Any) -> bool:
        sides = {"both": (a, b), "first": (a,), "second": (b,), "any": ()}[wanted]
        if any(type(side) is not Range for side in sides):
            raise Null(f"函数 {name} 需要区间", f"the function {name} needs a range")
        return relation(_span(a), _span(b))

    first, second = parameters.split()
    define(FUNCTIONS, name, f"{first}: any, {second}: any")(call)


for _row in _RELATIONS:
    _enter(*_row)
