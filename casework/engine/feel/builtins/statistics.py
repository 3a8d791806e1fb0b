"""List functions that reckon (DMN 1.3 table 75, second part). All take a list, or the values one by one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from casework.engine.feel import exact, operators
from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Null, Run

FUNCTIONS: Table = {}

_Reckon = Callable[[Run, list[Any]], Any]


def _both(name: str) -> Callable[[_Reckon], _Reckon]:
    """Enter both signatures: f(list) and f(a, b, …)."""

    def enter(function: _Reckon) -> _Reckon:
        def listed(run: Run, items: list[Any]) -> Any:
            run.items(len(items))
            return function(run, items)

        define(FUNCTIONS, name, "list: list")(listed)
        define(FUNCTIONS, name, "c: any, *more: any")(lambda run, *items: listed(run, list(items)))
        return function

    return enter


def _numbers(items: list[Any]) -> list[Any]:
    found = [item for item in items if exact.is_finite(item)]
    if len(found) != len(items):
        raise Null("列表中有不是数值的项", "the list has items that are no numbers")
    if not found:
        raise Null("列表为空", "the list is empty")
    return found


def _extreme(items: list[Any], sign: str) -> Any:
    if not items:
        raise Null("列表为空", "the list is empty")
    best = items[0]
    for item in items:
        if operators.ordered(sign, item, best):
            best = item
    return best


@_both("min")
def minimum(run: Run, items: list[Any]) -> Any:
    return _extreme(items, "<")


@_both("max")
def maximum(run: Run, items: list[Any]) -> Any:
    return _extreme(items, ">")


@_both("sum")
def total(run: Run, items: list[Any]) -> Any:
    result: int | Decimal = 0
    for number in _numbers(items):
        result = exact.add(result, number)
    return result


@_both("product")
def product(run: Run, items: list[Any]) -> Any:
    result: int | Decimal = 1
    for number in _numbers(items):
        result = exact.multiply(result, number)
    return result


@_both("mean")
def mean(run: Run, items: list[Any]) -> Any:
    return exact.divide(total(run, items), len(items))


@_both("median")
def median(run: Run, items: list[Any]) -> Any:
    numbers = sorted(_numbers(items))
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return exact.divide(exact.add(numbers[middle - 1], numbers[middle]), 2)


@_both("stddev")
def standard_deviation(run: Run, items: list[Any]) -> Any:
    """Of a sample: divided by n - 1."""
    numbers = _numbers(items)
    if len(numbers) < 2:
        raise Null("样本标准差至少需要两个数值", "a standard deviation needs two numbers at least")
    centre = mean(run, numbers)
    squares = [exact.power(exact.subtract(number, centre), 2) for number in numbers]
    return exact.square_root(exact.divide(total(run, squares), len(numbers) - 1))


@_both("mode")
def mode(run: Run, items: list[Any]) -> list[Any]:
    """The most frequent numbers, ascending; of an empty list an empty list."""
    if not items:
        return []
    counts: dict[Any, int] = {}
    for number in _numbers(items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return sorted(number for number, count in counts.items() if count == most)


def _junction(items: list[Any], deciding: bool) -> bool | None:
    if any(item is deciding for item in items):
        return deciding
    if all(item is (not deciding) for item in items):
        return not deciding
    raise Null("列表中有不是布尔值的项", "the list has items that are no booleans")


@_both("all")
def every(run: Run, items: list[Any]) -> bool | None:
    return _junction(items, deciding=False)


@_both("any")
def some(run: Run, items: list[Any]) -> bool | None:
    return _junction(items, deciding=True)
