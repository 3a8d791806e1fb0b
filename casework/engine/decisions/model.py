"""What a .dmn file says, read once: decisions, tables, columns, rules."""

from __future__ import annotations

from dataclasses import dataclass

from casework.engine.feel import Expression, FeelError


class DecisionError(FeelError):
    """A decision has no answer where one must be. `rule` counts from 1 (None: the decision as a whole)."""

    def __init__(
        self, decision: str, rule: int | None, zh: str, en: str, expression: str | None = None
    ) -> None:
        place_zh = f"决策“{decision}”" + (f"第 {rule} 条规则" if rule else "")
        place_en = f"Decision “{decision}”" + (f", rule {rule}" if rule else "")
        super().__init__(f"{place_zh}：{zh}", f"{place_en}: {en}")
        self.decision = decision
        self.rule = rule
        self.expression = expression


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: what is tested, and the values it may have (None: any)."""

    label: str
    expression: Expression
    values: Expression | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results. `ranks`: its values, best first (clause 8.2.10); `default`: if no rule applies."""

    name: str
    ranks: tuple[Expression, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row. None: the cell is empty, which every input meets."""

    tests: tuple[Expression | None, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table (clause 8)."""

    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `names`: how others read its result; `requires`: ids of the decisions it reads."""

    id: str
    name: str
    line: int
    names: frozenset[str]
    requires: tuple[str, ...]
    logic: Table | Expression


def expressions(logic: Table | Expression) -> tuple[Expression, ...]:
    """All texts of a decision."""
    if isinstance(logic, Expression):
        return (logic,)
    found = [column.expression for column in logic.inputs]
    found += [column.values for column in logic.inputs if column.values]
    found += [column.default for column in logic.outputs if column.default]
    for rule in logic.rules:
        found += [test for test in rule.tests if test]
        found += rule.results
    return tuple(found)
