"""Names, operators and literals as closures: each form one small function of (names, run)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from casework.engine.feel import calls, operators, tree
from casework.engine.feel.scope import PLAIN, Code, Layer, Make, Makers, Null, Run, Scope, foreign, kind
from casework.engine.values import Range

_NUMBERS = frozenset((int, Decimal))


def _constant(node: tree.Constant, make: Make) -> Code:
    value = node.value
    return lambda names, run: value


def _name(node: tree.Name, make: Make) -> Code:
    name, position = node.name, node.position

    def read(names: Scope, run: Run) -> Any:
        try:
            value = names[name]
        except KeyError:
            return _unknown(name, position, run)
        return value if type(value) in PLAIN else foreign(value, run, position)

    return read


def _unknown(name: str, position: int, run: Run) -> Any:
    """A name that is no value may still be a function's, the host's or the standard's."""
    routine = calls.routine(name, run)
    if routine is not None:
        return routine
    run.unknown = True
    return run.note(position, f"没有名为“{name}”的值", f"nothing is named “{name}”")


def _comparison(node: tree.Comparison, make: Make) -> Code:
    if node.operator in ("=", "!="):
        return _equality(node, make)
    left, right, sign, position = make(node.left), make(node.right), node.operator, node.position
    compare = operators.ORDER[sign]

    def ordered(names: Scope, run: Run) -> Any:
        a = left(names, run)
        b = right(names, run)
        try:
            if type(a) in _NUMBERS and type(b) in _NUMBERS:
                return compare(a, b)
            return operators.ordered(sign, a, b)
        except Null as why:
            return run.note(position, why.zh, why.en)
        except InvalidOperation:
            return run.note(position, "不是有效的数值", "not a valid number")

    return ordered


def _equality(node: tree.Comparison, make: Make) -> Code:
    left, right, position = make(node.left), make(node.right), node.position
    wanted = node.operator == "="

    def equal(names: Scope, run: Run) -> Any:
        a = left(names, run)
        b = right(names, run)
        if type(a) is str and type(b) is str:
            return (a == b) is wanted
        try:
            return operators.equal(a, b, run) is wanted
        except Null as why:
            return run.note(position, why.zh, why.en)

    return equal


def _junction(node: tree.Conjunction | tree.Disjunction, make: Make) -> Code:
    """Three-valued logic (DMN 1.3 table 51): one deciding operand decides, whatever the others are."""
    terms = tuple(make(term) for term in node.terms)
    positions = tuple(term.position for term in node.terms)
    deciding = isinstance(node, tree.Disjunction)

    def junction(names: Scope, run: Run) -> Any:
        answer: bool | None = not deciding
        for index, term in enumerate(terms):
            value = term(names, run)
            if value is deciding:
                return deciding
            if value is not (not deciding):
                answer = _undecided(value, positions[index], run)
        return answer

    return junction


def _undecided(value: Any, position: int, run: Run) -> Any:
    if value is None:
        return None
    zh, en = kind(value)
    return run.note(position, f"and、or 需要布尔值，此处为{zh}", f"and, or need a boolean, found a {en}")


def _arithmetic(node: tree.Arithmetic, make: Make) -> Code:
    left, right, sign, position = make(node.left), make(node.right), node.operator, node.position

    numeric = operators.NUMERIC[sign]

    def reckon(names: Scope, run: Run) -> Any:
        a = left(names, run)
        b = right(names, run)
        try:
            if type(a) in _NUMBERS and type(b) in _NUMBERS:
                return numeric(a, b)
            return operators.arithmetic(sign, a, b, run)
        except Null as why:
            return run.note(position, why.zh, why.en)

    return reckon


def _negation(node: tree.Negation, make: Make) -> Code:
    operand, position = make(node.operand), node.position

    def negate(names: Scope, run: Run) -> Any:
        try:
            return operators.negated(operand(names, run))
        except (Null, OverflowError) as why:
            zh, en = (
                (why.zh, why.en) if isinstance(why, Null) else ("时长超出范围", "the duration is too long")
            )
            return run.note(position, zh, en)

    return negate


def _if(node: tree.If, make: Make) -> Code:
    condition, yes, no = make(node.condition), make(node.consequence), make(node.alternative)

    def choose(names: Scope, run: Run) -> Any:
        return yes(names, run) if condition(names, run) is True else no(names, run)

    return choose


def _between(node: tree.Between, make: Make) -> Code:
    value, low, high, position = make(node.value), make(node.low), make(node.high), node.position

    def between(names: Scope, run: Run) -> Any:
        within = Range(low(names, run), high(names, run))
        try:
            if within.low is None or within.high is None:
                raise operators.ill_typed("between", within.low, within.high)
            return operators.contains(within, value(names, run))
        except Null as why:
            return run.note(position, why.zh, why.en)

    return between


def _list(node: tree.ListLiteral, make: Make) -> Code:
    items = tuple(make(item) for item in node.items)

    def listed(names: Scope, run: Run) -> Any:
        run.spend(len(items))
        return [item(names, run) for item in items]

    return listed


def _context(node: tree.ContextLiteral, make: Make) -> Code:
    entries = tuple((key, make(value)) for key, value in node.entries)

    def context(names: Scope, run: Run) -> Any:
        run.spend(len(entries))
        inner = Layer({}, names)
        for key, value in entries:
            inner[key] = value(inner, run)
        return dict(inner)

    return context


def _range(node: tree.RangeLiteral, make: Make) -> Code:
    low = make(node.low) if node.low else None
    high = make(node.high) if node.high else None
    position = node.position

    def span(names: Scope, run: Run) -> Any:
        a = low(names, run) if low else None
        b = high(names, run) if high else None
        if (low and a is None) or (high and b is None):
            return run.note(position, "区间的端点没有值", "an end of the range has no value")
        if low and high and operators.family(a) is not operators.family(b):
            return run.note(position, "区间两端类型不同", "the ends of the range differ in kind")
        return Range(a, b, node.low_closed, node.high_closed)

    return span


MAKERS: Makers = {
    tree.Constant: _constant,
    tree.Name: _name,
    tree.Comparison: _comparison,
    tree.Conjunction: _junction,
    tree.Disjunction: _junction,
    tree.Arithmetic: _arithmetic,
    tree.Negation: _negation,
    tree.If: _if,
    tree.Between: _between,
    tree.ListLiteral: _list,
    tree.ContextLiteral: _context,
    tree.RangeLiteral: _range,
}
