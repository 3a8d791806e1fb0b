"""Paths and filters (DMN 1.3 clauses 10.3.2.5, 10.3.2.8)."""

from __future__ import annotations

from typing import Any

from casework.engine.feel import exact, reckoning, tree
from casework.engine.feel.scope import PLAIN, Code, Layer, Make, Makers, Run, Scope, foreign, kind
from casework.engine.values import Range

_RANGE = {"start": "low", "end": "high", "start included": "low_closed", "end included": "high_closed"}


def _path(node: tree.Path, make: Make) -> Code:
    base, name, position = make(node.base), node.name, node.position

    def step(names: Scope, run: Run) -> Any:
        value = base(names, run)
        if type(value) is dict and name in value:
            found = value[name]
            return found if type(found) in PLAIN else foreign(found, run, position)
        return _property(value, name, position, run)

    return step


def _property(value: Any, name: str, position: int, run: Run) -> Any:
    if type(value) is list:
        run.items(len(value))
        return [_member(item, name, position, run) for item in value]
    return _member(value, name, position, run)


def _member(value: Any, name: str, position: int, run: Run) -> Any:
    if type(value) is dict:
        if name in value:
            found = value[name]
            return found if type(found) in PLAIN else foreign(found, run, position)
        return run.note(position, f"上下文中没有“{name}”", f"the context has no “{name}”")
    if type(value) is Range and name in _RANGE:
        return {
            "low": value.low,
            "high": value.high,
            "low_closed": value.low_closed,
            "high_closed": value.high_closed,
        }[_RANGE[name]]
    if read := reckoning.PROPERTIES.get(type(value), {}).get(name):
        return read(value)
    zh, en = kind(value)
    return run.note(position, f"{zh}没有属性“{name}”", f"a {en} has no property “{name}”")


def _filter(node: tree.Filter, make: Make) -> Code:
    base, condition, position = make(node.base), make(node.condition), node.position
    constant = node.condition.value if isinstance(node.condition, tree.Constant) else None
    if exact.is_number(constant):

        def pick(names: Scope, run: Run) -> Any:
            return _at(_items(base(names, run)), constant, position, run)

        return pick
    numeric = _surely_number(node.condition)

    def chosen(names: Scope, run: Run) -> Any:
        items = _items(base(names, run))
        if numeric:
            return _at(items, condition(names, run), position, run)
        return _matching(items, condition, names, run, position)

    return chosen


def _surely_number(node: tree.Node) -> bool:
    """An index even where the list is empty and there is no item to try the condition on."""
    return isinstance(node, tree.Negation | tree.Arithmetic)


def _items(value: Any) -> list[Any]:
    """What a filter filters: a value that is no list counts as a list of one; null as an empty one."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def _matching(items: list[Any], condition: Code, names: Scope, run: Run, position: int) -> Any:
    found = []
    for place, raw in enumerate(items):
        run.spend(2)
        item = raw if type(raw) in PLAIN else foreign(raw, run, position)
        if type(item) is dict:
            inner = Layer(item, names)
            inner.setdefault("item", item)
        else:
            inner = Layer({"item": item}, names)
        answer = condition(inner, run)
        if answer is True:
            found.append(item)
        elif place == 0 and exact.is_number(answer):
            return _at(items, answer, position, run)
        elif answer is not False and answer is not None:
            zh, en = kind(answer)
            run.note(position, f"筛选条件应为布尔值，此处为{zh}", f"a filter needs a boolean, found a {en}")
    return found


def _at(items: list[Any], number: Any, position: int, run: Run) -> Any:
    index = exact.whole(number)
    if index is None or index == 0 or abs(index) > len(items):
        zh = f"列表共 {len(items)} 项，没有所求的序号"
        return run.note(position, zh, f"the list has {len(items)} items, none at that index")
    found = items[index - 1 if index > 0 else index]
    return found if type(found) in PLAIN else foreign(found, run, position)


MAKERS: Makers = {tree.Path: _path, tree.Filter: _filter}
