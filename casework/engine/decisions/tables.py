"""Evaluates a decision table under its hit policy (DMN 1.3 clause 8.2.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casework.engine.decisions.model import DecisionError, Output, Rule, Table
from casework.engine.feel import Expression, NoValue, compile  # noqa: A004  FEEL's own verb
from casework.engine.feel.tree import Constant

Scope = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]


class Sitting:
    """One evaluation of one table: the decision's id, the names in reach, the host's functions."""

    def __init__(self, decision: str, table: Table, scope: Scope, functions: Functions) -> None:
        self.decision = decision
        self.table = table
        self.scope = scope
        self.functions = functions

    def value(self) -> Any:
        """The table's answer: a value, a context of outputs, a list, or null when no rule applies."""
        matched = self.matched()
        if self.table.policy == "COLLECT" and self.table.aggregation:
            return self.aggregated([self.result(place) for place in matched])
        if self.table.policy in _LISTS:
            found = [self.result(place) for place in matched]
            found = sorted(found, key=self.rank) if self.table.policy == "OUTPUT ORDER" else found
            return found or (self.default() if self.has_default() else [])
        if not matched:
            return self.default()
        return _SINGLE[self.table.policy](self, matched)

    # --- which rules apply

    def matched(self) -> list[int]:
        """Places of the rules whose tests all hold; only the first where no other matters."""
        scopes = [self.input_scope(place) for place in range(len(self.table.inputs))]
        found = []
        for place, rule in enumerate(self.table.rules):
            if self.applies(place, rule, scopes):
                found.append(place)
                if self.table.policy == "FIRST":
                    break
        return found

    def input_scope(self, place: int) -> dict[str, Any]:
        """The names in reach of a column's cells, "?" its input, which must be known and well-typed."""
        column = self.table.inputs[place]
        value, reasons = column.expression.explain(self.scope, self.functions)
        if value is None and reasons:
            zh, en = reasons[0].zh, reasons[0].en
            raise self.error(
                None, f"输入“{column.label}”：{zh}", f"input “{column.label}”: {en}", column.expression
            )
        scope = {**self.scope, "?": value}
        if column.values and value is not None and column.values.evaluate(scope, self.functions) is not True:
            zh, en = "不在允许的取值之内。", "is not one of the values allowed."
            raise self.error(None, f"输入“{column.label}”{zh}", f"input “{column.label}” {en}", column.values)
        return scope

    def applies(self, place: int, rule: Rule, scopes: list[dict[str, Any]]) -> bool:
        for test, scope in zip(rule.tests, scopes, strict=True):
            if test is None:
                continue
            met, reasons = test.explain(scope, self.functions)
            if met is None and scope["?"] is not None and reasons:
                raise self.error(place, reasons[0].zh, reasons[0].en, test)
            if met is not True:
                return False
        return True

    # --- what they say

    def result(self, place: int) -> Any:
        """A rule's outputs: one value, or a context by the outputs' names."""
        rule = self.table.rules[place]
        values = [self.required(place, text) for text in rule.results]
        return self.shaped(values)

    def required(self, place: int | None, text: Expression) -> Any:
        """An output; null only where the cell says so itself."""
        if isinstance(text.tree, Constant):
            return text.tree.value
        try:
            return text.require(self.scope, self.functions)
        except NoValue as missing:
            raise self.error(place, missing.zh, missing.en, text) from None

    def shaped(self, values: list[Any]) -> Any:
        if len(values) == 1:
            return values[0]
        return {column.name: value for column, value in zip(self.table.outputs, values, strict=True)}

    def has_default(self) -> bool:
        return any(column.default for column in self.table.outputs)

    def default(self) -> Any:
        """The default output entries, or null."""
        if not self.has_default():
            return None
        outputs = self.table.outputs
        return self.shaped([self.required(None, c.default) if c.default else None for c in outputs])

    # --- which of them counts

    def unique(self, matched: list[int]) -> Any:
        if len(matched) > 1:
            raise self.many(matched, "命中策略为 UNIQUE，只能有一条规则适用", "its hit policy is UNIQUE")
        return self.result(matched[0])

    def first(self, matched: list[int]) -> Any:
        return self.result(matched[0])

    def any(self, matched: list[int]) -> Any:
        results = [self.result(place) for place in matched]
        if any(result != results[0] for result in results):
            raise self.many(matched, "命中策略为 ANY，适用的规则结果应当相同", "its hit policy is ANY")
        return results[0]

    def priority(self, matched: list[int]) -> Any:
        return min((self.result(place) for place in matched), key=self.rank)

    def rank(self, result: Any) -> tuple[int, ...]:
        """Where the outputs stand in their lists of allowed values; the first output weighs most."""
        values = list(result.values()) if len(self.table.outputs) > 1 else [result]
        return tuple(
            self.place(column, value) for column, value in zip(self.table.outputs, values, strict=True)
        )

    def place(self, column: Output, value: Any) -> int:
        for place, one in enumerate(column.ranks):
            if one.evaluate({**self.scope, "?": value}, self.functions) is True:
                return place
        if column.ranks:
            zh, en = (
                f"输出“{column.name}”的值不在其取值顺序之内。",
                f"output “{column.name}” is not in its list of values.",
            )
            raise self.error(None, zh, en)
        return 0

    def aggregated(self, results: list[Any]) -> Any:
        """COLLECT with + < > #. # counts rules' different outputs."""
        scope = {"found": results}
        text = _AGGREGATORS[self.table.aggregation]
        if not results:
            return 0 if self.table.aggregation == "COUNT" else self.default()
        try:
            return compile(text).require(scope)
        except NoValue as missing:
            raise self.error(None, missing.zh, missing.en) from None

    def many(self, matched: list[int], zh: str, en: str) -> DecisionError:
        places = [str(place + 1) for place in matched]
        return self.error(
            matched[1],
            f"第 {'、'.join(places)} 条规则同时适用，{zh}。",
            f"rules {', '.join(places)} apply together; {en}.",
        )

    def error(self, place: int | None, zh: str, en: str, text: Expression | None = None) -> DecisionError:
        rule = None if place is None else place + 1
        return DecisionError(self.decision, rule, zh, en, text.text if text else None)


_SINGLE: Mapping[str, Callable[[Sitting, list[int]], Any]] = {
    "UNIQUE": Sitting.unique,
    "FIRST": Sitting.first,
    "ANY": Sitting.any,
    "PRIORITY": Sitting.priority,
}
_LISTS = frozenset(("COLLECT", "RULE ORDER", "OUTPUT ORDER"))
_AGGREGATORS = {"SUM": "sum(found)", "MIN": "min(found)", "MAX": "max(found)", "COUNT": "count(found)"}

POLICIES = frozenset(_SINGLE) | _LISTS
AGGREGATIONS = frozenset(_AGGREGATORS)
