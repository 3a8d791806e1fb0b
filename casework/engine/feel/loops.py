"""`for`, `some`, `every` (DMN 1.3 clauses 10.3.2.6, 10.3.2.14, 10.3.2.16)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from casework.engine.feel import exact, tree
from casework.engine.feel.errors import MAX_ITEMS, too_long
from casework.engine.feel.scope import PLAIN, Code, Layer, Make, Makers, Null, Run, Scope, foreign, kind
from casework.engine.values import Range

_Source = tuple[str, Code, Code | None]


def _for(node: tree.For, make: Make) -> Code:
    sources, result, position = _sources(node.iterations, make), make(node.result), node.position
    partial = any(
        isinstance(inner, tree.Name) and inner.name == "partial" for inner in tree.walk(node.result)
    )

    def loop(names: Scope, run: Run) -> Any:
        results: list[Any] = []
        try:
            for layer in _layers(sources, names, run, position):
                if partial:
                    run.items(len(results))
                    layer.setdefault("partial", list(results))
                results.append(result(layer, run))
                if len(results) > MAX_ITEMS:
                    raise too_long("列表项数", "Items of a list", MAX_ITEMS)
        except Null as why:
            return run.note(position, why.zh, why.en)
        return results

    return loop


def _quantified(node: tree.Quantified, make: Make) -> Code:
    sources, condition, position = _sources(node.iterations, make), make(node.condition), node.position
    deciding = node.kind == "some"

    def quantified(names: Scope, run: Run) -> Any:
        answer: bool | None = not deciding
        try:
            for layer in _layers(sources, names, run, position):
                value = condition(layer, run)
                if value is deciding:
                    return deciding
                if value is not (not deciding):
                    answer = None
        except Null as why:
            return run.note(position, why.zh, why.en)
        if answer is None:
            run.note(
                position, "some、every 的条件没有布尔值", "the condition of some, every has no boolean value"
            )
        return answer

    return quantified


def _sources(iterations: tuple[tree.Iteration, ...], make: Make) -> tuple[_Source, ...]:
    return tuple((one.name, make(one.source), make(one.end) if one.end else None) for one in iterations)


def _layers(sources: tuple[_Source, ...], names: Scope, run: Run, position: int) -> Iterator[Layer]:
    """One layer of names for every combination; later sources may read earlier names."""
    (name, source, end), rest = sources[0], sources[1:]
    first = source(names, run)
    for raw in _span(first, end(names, run), run) if end else _each(first, run):
        run.spend(1)
        value = raw if type(raw) in PLAIN else foreign(raw, run, position)
        layer = Layer({name: value}, names)
        if rest:
            yield from _layers(rest, layer, run, position)
        else:
            yield layer


def _each(source: Any, run: Run) -> Iterable[Any]:
    if type(source) is list:
        return source
    if type(source) is Range:
        return _span(source.low, source.high, run, source)
    if source is None:
        raise Null("没有可以逐项处理的列表", "there is no list to go through")
    return [source]


def _span(low: Any, high: Any, run: Run, closed: Range | None = None) -> Iterable[Any]:
    """Whole numbers or days from one end to the other, upwards or downwards."""
    if type(low) is date and type(high) is date:
        start = low
        return (start + timedelta(days=day) for day in _whole(0, (high - low).days, closed))
    first, last = exact.whole(low), exact.whole(high)
    if first is None or last is None or isinstance(low, datetime):
        (zh_a, en_a), (zh_b, en_b) = kind(low), kind(high)
        raise Null(f"不能从{zh_a}逐一到{zh_b}", f"cannot count from {en_a} to {en_b}")
    return _whole(first, last, closed)


def _whole(first: int, last: int, closed: Range | None) -> range:
    step = 1 if first <= last else -1
    if abs(last - first) >= MAX_ITEMS:
        raise too_long("循环区间", "Length of a loop", MAX_ITEMS)
    return range(
        first + (0 if closed is None or closed.low_closed else step),
        last + (step if closed is None or closed.high_closed else 0),
        step,
    )


MAKERS: Makers = {tree.For: _for, tree.Quantified: _quantified}
