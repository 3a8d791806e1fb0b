"""List functions (DMN 1.3 table 75, first part). Positions count from 1; negative ones from the end."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from casework.engine.feel import exact, operators
from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Null, Routine, Run

FUNCTIONS: Table = {}


def _has(items: list[Any], element: Any, run: Run) -> bool:
    run.items(len(items))
    return any(operators.alike(item, element, run) for item in items)


def _index(position: Any, count: int) -> int:
    """The index that Python counts by. Raises Null outside the list."""
    place = exact.whole(position)
    if not place or abs(place) > count:
        raise Null(f"列表共 {count} 项，没有所求的序号", f"the list has {count} items, none at that position")
    return place - 1 if place > 0 else count + place


@define(FUNCTIONS, "list contains", "list: list, element: any")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return _has(items, element, run)


@define(FUNCTIONS, "count", "list: list")
def count(run: Run, items: list[Any]) -> int:
    return len(items)


@define(FUNCTIONS, "sublist", "list: list, start position: number, length: number?")
def sublist(run: Run, items: list[Any], start: Any, length: Any = None) -> list[Any]:
    begin = _index(start, len(items))
    size = len(items) - begin if length is None else exact.whole(length)
    if size is None or not 0 <= size <= len(items) - begin:
        raise Null("长度超出列表", "the length goes beyond the list")
    run.items(size)
    return items[begin : begin + size]


@define(FUNCTIONS, "append", "list: list, *item: any")
def append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    run.items(len(items) + len(more))
    return [*items, *more]


@define(FUNCTIONS, "concatenate", "*list: list")
def concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    run.items(sum(map(len, lists)))
    return [item for one in lists for item in one]


@define(FUNCTIONS, "insert before", "list: list, position: number, newItem: any")
def insert_before(run: Run, items: list[Any], position: Any, item: Any) -> list[Any]:
    run.items(len(items) + 1)
    place = _index(position, len(items))
    return [*items[:place], item, *items[place:]]


@define(FUNCTIONS, "remove", "list: list, position: number")
def remove(run: Run, items: list[Any], position: Any) -> list[Any]:
    run.items(len(items))
    place = _index(position, len(items))
    return items[:place] + items[place + 1 :]


@define(FUNCTIONS, "list replace", "list: list, position: number, newItem: any")
def list_replace(run: Run, items: list[Any], position: Any, item: Any) -> list[Any]:
    """DMN 1.4."""
    run.items(len(items))
    place = _index(position, len(items))
    return [*items[:place], item, *items[place + 1 :]]


@define(FUNCTIONS, "reverse", "list: list")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    run.items(len(items))
    return items[::-1]


@define(FUNCTIONS, "index of", "list: list, match: any")
def index_of(run: Run, items: list[Any], match: Any) -> list[int]:
    run.items(len(items))
    return [place for place, item in enumerate(items, 1) if operators.alike(item, match, run)]


@define(FUNCTIONS, "distinct values", "list: list")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Each value once, where it first stood. Plain values are looked up, others compared one by one."""
    run.items(len(items))
    found: list[Any] = []
    seen: set[Any] = set()
    others: list[Any] = []
    for item in items:
        if type(item) is str or exact.is_finite(item):
            new = (operators.family(item), item) not in seen
            seen.add((operators.family(item), item))
        else:
            new = not _has(others, item, run)
            if new:
                others.append(item)
        if new:
            found.append(item)
    return found


@define(FUNCTIONS, "union", "*list: list")
def union(run: Run, *lists: list[Any]) -> list[Any]:
    found: list[Any] = distinct_values(run, concatenate(run, *lists))
    return found


@define(FUNCTIONS, "flatten", "list: list")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Without recursion: a list may be nested as deep as its making allowed."""
    found: list[Any] = []
    waiting = [iter(items)]
    while waiting:
        run.spend(1)
        item = next(waiting[-1], waiting)
        if item is waiting:
            waiting.pop()
        elif type(item) is list:
            waiting.append(iter(item))
        else:
            found.append(item)
            run.items(1)
    run.items(len(found))
    return found


@define(FUNCTIONS, "sort", "list: list, precedes: function?")
def sort(run: Run, items: list[Any], precedes: Routine | None = None) -> list[Any]:
    """Stable. `precedes(a, b)`: does a come before b? Without it values are put in their own order."""
    run.items(len(items))

    def before(a: Any, b: Any) -> bool:
        run.spend(1)
        if precedes is None:
            return operators.ordered("<", a, b)
        answer = precedes.call(run, [a, b], ())
        if type(answer) is not bool:
            raise Null("排序函数应返回布尔值", "the sorting function must answer true or false")
        return answer

    return sorted(items, key=cmp_to_key(lambda a, b: -int(before(a, b))))  # Python only asks "less?"
