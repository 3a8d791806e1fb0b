"""Reads the columns and rules of a decision table (DMN 1.3 clause 8.3)."""

from __future__ import annotations

from casework import xml
from casework.engine.decisions.elements import Page, children, text_of
from casework.engine.decisions.model import Input, Output, Rule, Table
from casework.engine.decisions.tables import AGGREGATIONS, POLICIES
from casework.engine.feel import Expression, compile_unary
from casework.engine.feel.tree import UnaryTests


def table_of(element: xml.Element, page: Page) -> Table:
    """The table of an element; what is wrong goes to the page's findings."""
    policy = str(element.get("hitPolicy") or "UNIQUE")
    aggregation = str(element.get("aggregation") or "")
    inputs = tuple(_input(column, page) for column in children(element, "input"))
    outputs = tuple(_output(column, page) for column in children(element, "output"))
    rules = tuple(_rule(row, page, inputs, outputs) for row in children(element, "rule"))
    table = Table(policy, aggregation, inputs, outputs, rules)
    _check(element, table, page)
    return table


def _check(element: xml.Element, table: Table, page: Page) -> None:
    if table.policy not in POLICIES:
        page.error(
            element, "policy", f"没有命中策略“{table.policy}”。", f"There is no hit policy “{table.policy}”."
        )
    if table.aggregation and (table.aggregation not in AGGREGATIONS or len(table.outputs) > 1):
        zh = "汇总方式只能是 SUM、MIN、MAX、COUNT，且只能有一个输出列。"
        en = "The aggregation must be SUM, MIN, MAX or COUNT, and of one output only."
        page.error(element, "aggregation", zh, en)
    if not table.outputs:
        page.error(element, "empty", "决策表没有输出列。", "The table has no output.")
    if not table.rules:
        page.warn(element, "empty", "决策表没有规则。", "The table has no rule.")
    if table.policy in ("PRIORITY", "OUTPUT ORDER") and not any(column.ranks for column in table.outputs):
        zh = f"命中策略 {table.policy} 需要输出列列出取值顺序。"
        page.error(
            element, "values", zh, f"The hit policy {table.policy} needs the output's values in their order."
        )
    names = [column.name for column in table.outputs]
    if len(names) > 1 and (len(set(names)) < len(names) or "" in names):
        page.error(element, "name", "多个输出列应有各自的名称。", "Several outputs need a name each.")


def _input(column: xml.Element, page: Page) -> Input:
    inner = next(iter(children(column, "inputExpression")), None)
    text = text_of(inner)
    label = str(column.get("label") or text)
    expression = None
    if not text:
        page.error(column, "expression", "输入列没有表达式。", "The input has no expression.")
    elif inner is not None:
        expression = page.expression(inner, text)
    return Input(label, expression or page.nothing, _allowed(column, "inputValues", page))


def _allowed(column: xml.Element, name: str, page: Page) -> Expression | None:
    inner = next(iter(children(column, name)), None)
    text = text_of(inner)
    return page.tests(inner, text) if inner is not None and text not in ("", "-") else None


def _output(column: xml.Element, page: Page) -> Output:
    name = str(column.get("name") or "")
    default = next(iter(children(column, "defaultOutputEntry")), None)
    text = text_of(default)
    expression = page.expression(default, text) if default is not None and text else None
    return Output(name, _ranks(_allowed(column, "outputValues", page)), expression)


def _ranks(allowed: Expression | None) -> tuple[Expression, ...]:
    """The values of a list of tests one by one, in their order."""
    if allowed is None or not isinstance(allowed.tree, UnaryTests):
        return ()
    starts = [test.position for test in allowed.tree.tests]
    ends = [*starts[1:], len(allowed.text)]
    pieces = (allowed.text[start:end].strip().rstrip(",") for start, end in zip(starts, ends, strict=True))
    return tuple(compile_unary(piece) for piece in pieces)


def _rule(row: xml.Element, page: Page, inputs: tuple[Input, ...], outputs: tuple[Output, ...]) -> Rule:
    tests = [_test(cell, page) for cell in children(row, "inputEntry")]
    results = [_result(cell, page) for cell in children(row, "outputEntry")]
    if (len(tests), len(results)) != (len(inputs), len(outputs)):
        page.error(row, "arity", "规则的格数与列数不符。", "The rule's cells do not fit the table's columns.")
    return Rule(tuple(tests), tuple(results))


def _test(cell: xml.Element, page: Page) -> Expression | None:
    text = text_of(cell)
    return page.tests(cell, text) if text not in ("", "-") else None


def _result(cell: xml.Element, page: Page) -> Expression:
    """An empty cell is null, and says so itself."""
    text = text_of(cell)
    return (page.expression(cell, text) if text else None) or page.nothing
