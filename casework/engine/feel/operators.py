"""Equality, order and arithmetic between values (DMN 1.3 clause 10.3.2.13–15, tables 42, 50–55)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from casework.engine.feel import exact, reckoning
from casework.engine.feel.scope import PLAIN, Null, Run, kind
from casework.engine.values import Months, Range

ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def family(value: Any) -> type:
    """Values of one family may be compared: int and Decimal are both numbers."""
    python = type(value)
    return int if python is Decimal else python


def ill_typed(sign: str, a: Any, b: Any) -> Null:
    """The reason when an operator does not know such operands."""
    (zh_a, en_a), (zh_b, en_b) = kind(a), kind(b)
    return Null(f"“{sign}”不能用于{zh_a}与{zh_b}", f"“{sign}” does not apply to {en_a} and {en_b}")


def equal(a: Any, b: Any, run: Run) -> bool:
    """A = b. Raises Null for values of different kinds (table 42)."""
    if a is None or b is None:
        return a is b
    if family(a) is not family(b):
        raise ill_typed("=", a, b)
    if isinstance(a, list):
        return _lists_equal(a, b, run)
    if isinstance(a, dict):
        run.spend(4 * len(a) + 4)
        return a.keys() == b.keys() and all(alike(a[key], b[key], run) for key in a)
    if isinstance(a, Range):
        return _ranges_equal(a, b, run)
    if type(a) not in PLAIN:  # an object of the host's: its own idea of equality is never asked
        raise ill_typed("=", a, b)
    try:
        return reckoning.same(a, b) if isinstance(a, time | datetime) else bool(a == b)
    except InvalidOperation:  # a signalling NaN, which only a host can hand in
        raise ill_typed("=", a, b) from None


def _ranges_equal(a: Range, b: Range, run: Run) -> bool:
    closed = (a.low_closed, a.high_closed) == (b.low_closed, b.high_closed)
    return closed and alike(a.low, b.low, run) and alike(a.high, b.high, run)


def _lists_equal(a: list[Any], b: list[Any], run: Run) -> bool:
    run.spend(4 * min(len(a), len(b)) + 4)
    return len(a) == len(b) and all(alike(x, y, run) for x, y in zip(a, b, strict=True))


def alike(a: Any, b: Any, run: Run) -> bool:
    """Equal, and of one kind: the test of membership, where another kind is simply another value."""
    try:
        return equal(a, b, run)
    except Null:
        return False


def ordered(sign: str, a: Any, b: Any) -> bool:
    """A < b and its kind. Raises Null when the two have no order (table 50)."""
    python = family(a)
    if python is not family(b) or python not in _ORDERED:
        raise ill_typed(sign, a, b)
    try:
        if python is time:
            return ORDER[sign](reckoning.of_day(a), reckoning.of_day(b))
        return ORDER[sign](a, b)
    except (TypeError, InvalidOperation):  # with and without a zone; not a number
        raise ill_typed(sign, a, b) from None


_ORDERED = frozenset((int, str, date, datetime, time, timedelta, Months))


def contains(within: Range, value: Any) -> bool:
    """Does a value lie in a range? Raises Null when they cannot be compared."""
    low = within.low is None or ordered(">=" if within.low_closed else ">", value, within.low)
    return low and (within.high is None or ordered("<=" if within.high_closed else "<", value, within.high))


def arithmetic(sign: str, a: Any, b: Any, run: Run) -> Any:
    """A + b, a - b, a * b, a / b, a ** b. Raises Null (tables 52–55)."""
    if exact.is_number(a) and exact.is_number(b):
        return NUMERIC[sign](a, b)
    if sign == "+" and isinstance(a, str) and isinstance(b, str):
        run.characters(len(a) + len(b))
        return a + b
    rule = reckoning.ARITHMETIC.get((sign, _sort(a), _sort(b)))
    if rule is None:
        raise ill_typed(sign, a, b)
    try:
        return rule(a, b)
    except (OverflowError, ValueError, TypeError, ZeroDivisionError):
        zh, en = (
            "结果超出日历范围，或一方有时区而另一方没有",
            "the result is beyond the calendar, or one side has no zone",
        )
        raise Null(zh, en) from None


#: Arithmetic between numbers.
NUMERIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": exact.add, "-": exact.subtract, "*": exact.multiply, "/": exact.divide, "**": exact.power,
}  # fmt: skip


def _sort(value: Any) -> type:
    return int if exact.is_number(value) else type(value)


def negated(value: Any) -> Any:
    """-a: of a number or duration."""
    if exact.is_number(value):
        return exact.negate(value)
    if isinstance(value, Months):
        return Months(-value.count)
    if isinstance(value, timedelta):
        return -value
    zh, en = kind(value)
    raise Null(f"{zh}不能取负", f"a {en} cannot be negated")
