"""One FEEL tree as the small JSON that static/app.js evaluates.

What the office knows already (facts, answers of other pages) is put in as constants, so that the browser needs
nothing but the answers on its page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from casework.engine import feel
from casework.engine.feel import tree
from casework.engine.values import Months
from casework.forms.conditions import Unsayable

#: Built-in functions static/app.js knows, positional arguments only.
FUNCTIONS = frozenset(
    {
        "not", "count", "sum", "min", "max", "mean", "abs", "floor", "ceiling", "decimal", "round half up",
        "contains", "starts with", "ends with", "string length", "list contains", "date", "duration", "all", "any",
    }
)  # fmt: skip


def constant(value: Any) -> Any:
    """A FEEL value as the browser holds it: dates as text, durations as {d} or {m}, numbers as doubles."""
    if isinstance(value, list | tuple):
        return ["list", *(constant(each) for each in value)]
    return data(value)


def data(value: Any) -> Any:
    """A value as plain JSON, inside which nothing is evaluated. Raises Unsayable."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal | float):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Months):
        return {"m": value.count}
    if isinstance(value, dt.timedelta) and value == dt.timedelta(value.days):
        return {"d": value.days}
    if isinstance(value, Mapping):
        return {str(key): _known(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    raise Unsayable


def _known(value: Any) -> Any:
    try:
        return data(value)
    except Unsayable:
        return None


def json(
    expression: feel.Expression,
    live: frozenset[str],
    known: Mapping[str, Any],
    columns: frozenset[str] = frozenset(),
    today: dt.date | None = None,
) -> Any:
    """The tree for the browser. Raises Unsayable.

    `live`: names the browser reads from its page; `known`: values of all others; `columns`: names inside rows.
    """
    return _Json(live, known, columns, today).say(expression.tree)


class _Json:
    def __init__(
        self, live: frozenset[str], known: Mapping[str, Any], columns: frozenset[str], today: dt.date | None
    ) -> None:
        self.live, self.known, self.columns, self.today = live, known, columns, today

    def say(self, node: tree.Node) -> Any:
        way = getattr(self, f"_{type(node).__name__.lower()}", None)
        if way is None:
            raise Unsayable
        return way(node)

    def inside(self, *names: str, columns: bool = False) -> _Json:
        live = self.live | frozenset(names) | (self.columns if columns else frozenset())
        return _Json(live, self.known, self.columns, self.today)

    def _constant(self, node: tree.Constant) -> Any:
        return constant(node.value)

    def _name(self, node: tree.Name) -> Any:
        if node.name in self.live:
            return ["v", node.name]
        return constant(self.known.get(node.name))

    def _path(self, node: tree.Path) -> Any:
        names: list[str] = [node.name]
        base = node.base
        while isinstance(base, tree.Path):
            names.insert(0, base.name)
            base = base.base
        if isinstance(base, tree.Name) and base.name not in self.live:
            return constant(_follow(self.known.get(base.name), names))
        if isinstance(base, tree.Name):
            return ["v", base.name, *names]
        return [".", self.say(node.base), node.name]

    def _listliteral(self, node: tree.ListLiteral) -> Any:
        return ["list", *(self.say(each) for each in node.items)]

    def _negation(self, node: tree.Negation) -> Any:
        return ["neg", self.say(node.operand)]

    def _arithmetic(self, node: tree.Arithmetic) -> Any:
        return [node.operator, self.say(node.left), self.say(node.right)]

    _comparison = _arithmetic

    def _conjunction(self, node: tree.Conjunction) -> Any:
        return self._chain("and", node.terms)

    def _disjunction(self, node: tree.Disjunction) -> Any:
        return self._chain("or", node.terms)

    def _chain(self, word: str, terms: tuple[tree.Node, ...]) -> Any:
        said = self.say(terms[0])
        for term in terms[1:]:
            said = [word, said, self.say(term)]
        return said

    def _between(self, node: tree.Between) -> Any:
        return ["in", self.say(node.value), ["range", self.say(node.low), self.say(node.high), "[", "]"]]

    def _in(self, node: tree.In) -> Any:
        return ["in", self.say(node.value), *(self._test(each) for each in node.tests)]

    def _test(self, test: tree.UnaryTest) -> Any:
        if test.reads_input:
            raise Unsayable
        operand = test.operand
        if isinstance(operand, tree.RangeLiteral) and operand.low and operand.high and not test.operator:
            ends = ("[" if operand.low_closed else "(", "]" if operand.high_closed else ")")
            return ["range", self.say(operand.low), self.say(operand.high), *ends]
        if test.operator in ("<", "<=", ">", ">="):
            return ["test", test.operator, self.say(operand)]
        if test.operator:
            raise Unsayable
        return self.say(operand)

    def _if(self, node: tree.If) -> Any:
        return ["if", self.say(node.condition), self.say(node.consequence), self.say(node.alternative)]

    def _for(self, node: tree.For) -> Any:
        return self._over("for", node.iterations, node.result)

    def _quantified(self, node: tree.Quantified) -> Any:
        return self._over(node.kind, node.iterations, node.condition)

    def _over(self, word: str, iterations: tuple[tree.Iteration, ...], body: tree.Node) -> Any:
        if len(iterations) != 1 or iterations[0].end:
            raise Unsayable
        name = iterations[0].name
        return [word, name, self.say(iterations[0].source), self.inside(name).say(body)]

    def _filter(self, node: tree.Filter) -> Any:
        if isinstance(node.condition, tree.Constant | tree.Negation | tree.Arithmetic):
            raise Unsayable  # an index, not a condition
        return ["filter", self.say(node.base), self.inside("item", columns=True).say(node.condition)]

    def _call(self, node: tree.Call) -> Any:
        if not isinstance(node.function, tree.Name) or node.names:
            raise Unsayable
        name = node.function.name
        if name == "today" and self.today:
            return self.today.isoformat()
        if name not in FUNCTIONS:
            raise Unsayable
        return ["call", name, *(self.say(each) for each in node.arguments)]


def _follow(value: Any, names: list[str]) -> Any:
    for name in names:
        if isinstance(value, list | tuple):
            value = [each.get(name) if isinstance(each, Mapping) else None for each in value]
        elif isinstance(value, Mapping):
            value = value.get(name)
        else:
            return None
    return value
