"""`in` and the unary tests of decision tables (DMN 1.3 clauses 7.3.3, 10.3.2.3.2, table 55)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.engine.feel import operators, tree
from casework.engine.feel.scope import Code, Layer, Make, Makers, Null, Run, Scope
from casework.engine.values import Range

_Test = Callable[[Any, Scope, Run], bool | None]


def within(value: Any, against: Any, run: Run) -> bool:
    """Is the value the other one, or in it, or in a range of its? Raises Null if they cannot be compared."""
    if type(against) is Range and type(value) is not Range:
        return operators.contains(against, value)
    if type(against) is list and type(value) is not list:
        return any(_fits(value, item, run) for item in against)
    if type(against) is list:
        return operators.alike(value, against, run) or any(_fits(value, item, run) for item in against)
    return operators.equal(value, against, run)


def _fits(value: Any, item: Any, run: Run) -> bool:
    run.spend(1)
    try:
        if type(item) is Range and type(value) is not Range:
            return operators.contains(item, value)
        return operators.equal(value, item, run)
    except Null:
        return False


def _test(test: tree.UnaryTest, make: Make) -> _Test:
    operand, sign, position = make(test.operand), test.operator, test.position

    def check(value: Any, names: Scope, run: Run) -> bool | None:
        against = operand(names, run)
        try:
            if sign in ("=", "!="):
                return operators.equal(value, against, run) is (sign == "=")
            if sign:
                return operators.ordered(sign, value, against)
            if test.reads_input or (type(against) is bool and type(value) is not bool):
                return _own_answer(against, value, run)
            return within(value, against, run)
        except Null as why:
            run.note(position, why.zh, why.en)
            return None

    return check


def _own_answer(answer: Any, value: Any, run: Run) -> bool | None:
    """A test that is a condition itself; if it merely computes with "?", its value is compared."""
    if answer is None or isinstance(answer, bool):
        return answer
    return within(value, answer, run)


def _any(tests: tuple[_Test, ...], value: Any, names: Scope, run: Run) -> bool | None:
    answer: bool | None = False
    for test in tests:
        met = test(value, names, run)
        if met is True:
            return True
        if met is None:
            answer = None
    return answer


def _in(node: tree.In, make: Make) -> Code:
    value, tests = make(node.value), tuple(_test(test, make) for test in node.tests)
    reads = any(test.reads_input for test in node.tests)

    def contained(names: Scope, run: Run) -> Any:
        left = value(names, run)
        return _any(tests, left, Layer({"?": left}, names) if reads else names, run)

    return contained


def _unary_tests(node: tree.UnaryTests, make: Make) -> Code:
    tests, negated, position = tuple(_test(test, make) for test in node.tests), node.negated, node.position
    if not tests:
        return lambda names, run: True

    def met(names: Scope, run: Run) -> Any:
        try:
            value = names["?"]
        except KeyError:
            run.unknown = True
            return run.note(position, "没有待检验的输入值", "there is no input to test")
        answer = _any(tests, value, names, run)
        return answer if answer is None or not negated else not answer

    return met


MAKERS: Makers = {tree.In: _in, tree.UnaryTests: _unary_tests}
