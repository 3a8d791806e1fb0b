"""Which blanks of a paper are still empty: asked in the transaction that would issue it.

A blank that no `if` of the template guards must be filled, so that a refusal without reasons or remedies
cannot leave the office (行政许可法 第三十八条).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from casework.errors import NotYet
from casework.papers.blanks import Blanks, path_of
from casework.papers.wording import FILTERS
from casework.words import _


class Incomplete(NotYet):
    """The paper cannot be issued: blanks that must be filled are empty (`missing` names them)."""

    def __init__(self, title: str, missing: tuple[str, ...]) -> None:
        self.missing = missing
        listed = "、".join(missing)
        super().__init__(
            _("《%(title)s》不能出具，以下必填内容缺失或格式不符：%(missing)s。", title=title, missing=listed)
        )


def missing(blanks: Blanks, data: Mapping[str, Any], requires: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Fields that this data leaves empty although the template prints them, in reading order."""
    found = [path for path in requires if path not in blanks.fields or empty(_looked_up(path, data))]
    for tree in blanks.trees:
        found += _empty_fields(tree.body, dict(data))
    return tuple(dict.fromkeys(found))


def empty(value: Any) -> bool:
    """Nothing to print: null, blank text, an empty list."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _looked_up(path: str, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _value(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    path = path_of(node)
    return _looked_up(".".join(path), scope) if path else None


def _holds(node: nodes.Node, scope: Mapping[str, Any]) -> bool:
    if isinstance(node, nodes.Not):
        return not _holds(node.node, scope)
    if isinstance(node, nodes.And):
        return _holds(node.left, scope) and _holds(node.right, scope)
    if isinstance(node, nodes.Or):
        return _holds(node.left, scope) or _holds(node.right, scope)
    if isinstance(node, nodes.Compare) and isinstance(node.ops[0].expr, nodes.Const):
        same = bool(_value(node.expr, scope) == node.ops[0].expr.value)
        return same if node.ops[0].op == "eq" else not same
    return bool(_value(node, scope))


def _empty_fields(body: list[nodes.Node], scope: dict[str, Any]) -> Iterator[str]:
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                yield from _empty_output(part, scope)
        elif isinstance(node, nodes.If):
            yield from _empty_fields(_branch(node, scope), scope)
        elif isinstance(node, nodes.For):
            yield from _empty_in_loop(node, scope)


def _branch(node: nodes.If, scope: Mapping[str, Any]) -> list[nodes.Node]:
    for choice in (node, *node.elif_):
        if _holds(choice.test, scope):
            return choice.body
    return node.else_


def _empty_output(part: nodes.Node, scope: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(part, nodes.TemplateData):
        return
    filters = []
    while isinstance(part, nodes.Filter) and part.node is not None:
        filters.append(part.name)
        part = part.node
    value, name = _value(part, scope), ".".join(path_of(part) or ("?",))
    if empty(value):
        yield name
        return
    try:
        for each in reversed(filters):
            value = FILTERS[each](value)
    except (TypeError, ValueError, ArithmeticError):
        yield f"{name}|{filters[-1]}"


def _empty_in_loop(node: nodes.For, scope: dict[str, Any]) -> Iterator[str]:
    rows = _value(node.iter, scope)
    name = ".".join(path_of(node.iter) or ("?",))
    if not isinstance(rows, list) or not rows:
        if node.else_:
            yield from _empty_fields(node.else_, scope)
        else:
            yield name
        return
    own = str(getattr(node.target, "name", ""))
    for index, row in enumerate(rows, 1):
        loop = {"index": index, "first": index == 1, "last": index == len(rows), "length": len(rows)}
        for found in _empty_fields(node.body, scope | {own: row, "loop": loop}):
            first, dot, rest = found.partition(".")
            yield f"{name}[{index}]{dot}{rest}" if first == own else found
