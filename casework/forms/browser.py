"""One FEEL tree as the small JSON that static/app.js evaluates.

What the office knows already (facts, answers of other pages) is put in as constants, so that the browser
needs nothing but the answers on its page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from casework.engine import feel
from casework.engine.feel import tree
from casework.forms.conditions import Unsayable

#: Built-in functions static/app.js knows, positional arguments only.
FUNCTIONS = frozenset(
    {
        "not", "count", "sum", "min", "max", "abs", "floor", "ceiling", "contains", "string length",
        "list contains",
    }
)  # fmt: skip


def constant(value: Any) -> Any:
    """A FEEL value as the browser holds it: dates as text, durations as {d}, numbers as doubles."""
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
    functions: Mapping[str, Any] | None = None,
) -> Any:
    """The tree for the browser. Raises Unsayable.

    `live`: names the browser reads from its page; `known`: values of all others; `columns`: names in rows.
    """
    return _Json(live, known, columns, functions or {}).say(expression.tree)


class _Json:
    def __init__(
        self,
        live: frozenset[str],
        known: Mapping[str, Any],
        columns: frozenset[str],
        functions: Mapping[str, Any],
    ) -> None:
        self.live, self.known, self.columns, self.functions = live, known, columns, functions

    def say(self, node: tree.Node) -> Any:
        if not isinstance(node, tree.Constant) and self.settled(node):
            return constant(feel.Expression("", node).evaluate(self.known, self.functions))
        way = getattr(self, f"_{type(node).__name__.lower()}", None)
        if way is None:
            raise Unsayable
        return way(node)

    def settled(self, node: tree.Node) -> bool:
        """Whether nothing in the node is read from the page, so that its value is known now."""
        return not any(isinstance(each, tree.Name) and each.name in self.live for each in tree.walk(node))

    def inside(self, names: frozenset[str]) -> _Json:
        return _Json(self.live | names, self.known, self.columns, self.functions)

    def _constant(self, node: tree.Constant) -> Any:
        return constant(node.value)

    def _name(self, node: tree.Name) -> Any:
        return ["v", node.name]

    def _path(self, node: tree.Path) -> Any:
        base = self.say(node.base)
        return (
            [*base, node.name]
            if isinstance(node.base, tree.Name | tree.Path) and base[0] == "v"
            else [".", base, node.name]
        )

    def _listliteral(self, node: tree.ListLiteral) -> Any:
        return ["list", *(self.say(each) for each in node.items)]

    def _negation(self, node: tree.Negation) -> Any:
        return ["-", 0, self.say(node.operand)]

    def _arithmetic(self, node: tree.Arithmetic) -> Any:
        if node.operator not in ("+", "-", "*", "/"):
            raise Unsayable
        return [node.operator, self.say(node.left), self.say(node.right)]

    def _comparison(self, node: tree.Comparison) -> Any:
        return _compared(node.operator, self.say(node.left), self.say(node.right))

    def _conjunction(self, node: tree.Conjunction) -> Any:
        return _chained("and", [self.say(term) for term in node.terms])

    def _disjunction(self, node: tree.Disjunction) -> Any:
        return _chained("or", [self.say(term) for term in node.terms])

    def _between(self, node: tree.Between) -> Any:
        value = self.say(node.value)
        return ["and", ["<=", self.say(node.low), value], ["<=", value, self.say(node.high)]]

    def _in(self, node: tree.In) -> Any:
        value = self.say(node.value)
        return _chained("or", [self._test(each, value) for each in node.tests])

    def _test(self, test: tree.UnaryTest, value: Any) -> Any:
        operand = test.operand
        if test.reads_input or (
            isinstance(operand, tree.RangeLiteral) and not (operand.low and operand.high)
        ):
            raise Unsayable
        if test.operator:
            return _compared(test.operator, value, self.say(operand))
        if isinstance(operand, tree.ListLiteral):
            return _chained("or", [["=", value, self.say(each)] for each in operand.items])
        if isinstance(operand, tree.RangeLiteral):
            low, high = ("<=" if closed else "<" for closed in (operand.low_closed, operand.high_closed))
            return ["and", [low, self.say(operand.low), value], [high, value, self.say(operand.high)]]  # type: ignore[arg-type]
        if isinstance(operand, tree.Constant):
            return ["=", value, self.say(operand)]
        return ["list contains", self.say(operand), value]

    def _if(self, node: tree.If) -> Any:
        return ["if", self.say(node.condition), self.say(node.consequence), self.say(node.alternative)]

    def _quantified(self, node: tree.Quantified) -> Any:
        if len(node.iterations) != 1 or node.iterations[0].end:
            raise Unsayable
        name, source = node.iterations[0].name, self.say(node.iterations[0].source)
        body = self.inside(frozenset({name})).say(node.condition)
        return (
            ["some", source, name, body]
            if node.kind == "some"
            else ["not", ["some", source, name, ["not", body]]]
        )

    def _filter(self, node: tree.Filter) -> Any:
        if isinstance(node.condition, tree.Constant | tree.Negation | tree.Arithmetic):
            raise Unsayable  # an index, not a condition
        return ["filter", self.say(node.base), self.inside(self.columns | {"item"}).say(node.condition)]

    def _call(self, node: tree.Call) -> Any:
        if not isinstance(node.function, tree.Name) or node.names or node.function.name not in FUNCTIONS:
            raise Unsayable
        return [node.function.name, *(self.say(each) for each in node.arguments)]


def _compared(operator: str, left: Any, right: Any) -> Any:
    if operator == "!=":
        return ["not", ["=", left, right]]
    if operator in (">", ">="):
        return [operator.replace(">", "<"), right, left]
    return [operator, left, right]


def _chained(word: str, terms: list[Any]) -> Any:
    said = terms[0]
    for term in terms[1:]:
        said = [word, said, term]
    return said
