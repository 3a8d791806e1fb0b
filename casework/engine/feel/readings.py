"""Which names an expression reads from outside, without those it binds itself."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from casework.engine.feel import tree


@dataclass(frozen=True, slots=True)
class Readings:
    """Names, paths of names, and functions that must come from outside.

    `possible`: bare names in a filter, keys of the items or names from outside; only the values can tell.
    `homonyms`: names of standard functions read as values: where a value has that name, it is meant.
    """

    names: frozenset[str]
    paths: frozenset[tuple[str, ...]]
    functions: frozenset[str]
    possible: frozenset[str]
    homonyms: frozenset[str]


@dataclass(slots=True)
class _Found:
    standard: Container[str]
    paths: set[tuple[str, ...]] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    possible: set[str] = field(default_factory=set)
    homonyms: set[str] = field(default_factory=set)


def of(node: tree.Node, standard: Container[str]) -> Readings:
    """What a tree reads; `standard`: functions that every expression has."""
    found = _Found(standard)
    _read(node, frozenset(("?",)), found)
    names = frozenset(path[0] for path in found.paths)
    return Readings(
        names,
        frozenset(found.paths),
        frozenset(found.functions),
        frozenset(found.possible) - names,
        frozenset(found.homonyms),
    )


def _read(node: tree.Node, bound: frozenset[str], found: _Found) -> None:
    if isinstance(node, tree.Name | tree.Path):
        _read_path(node, bound, found)
    elif isinstance(node, tree.Filter):
        _read(node.base, bound, found)
        inner = of(node.condition, found.standard)
        found.possible |= (inner.names | inner.possible) - bound - {"item"}
        found.functions |= inner.functions - bound
        found.homonyms |= inner.homonyms - bound
    elif isinstance(node, tree.For | tree.Quantified):
        _read_loop(node, bound, found)
    elif isinstance(node, tree.ContextLiteral):
        for key, value in node.entries:
            _read(value, bound, found)
            bound = bound | {key}
    elif isinstance(node, tree.Function):
        _read(node.body, bound | {name for name, _ in node.parameters}, found)
    else:
        _read_call_or_parts(node, bound, found)


def _read_call_or_parts(node: tree.Node, bound: frozenset[str], found: _Found) -> None:
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
        name = node.function.name
        if name not in bound and name not in found.standard:
            found.functions.add(name)
        parts: tuple[tree.Node, ...] = node.arguments
    else:
        parts = tuple(tree.children(node))
    for part in parts:
        _read(part, bound, found)


def _read_path(node: tree.Node, bound: frozenset[str], found: _Found) -> None:
    steps: list[str] = []
    while isinstance(node, tree.Path):
        steps.append(node.name)
        node = node.base
    if not isinstance(node, tree.Name):
        _read(node, bound, found)
    elif node.name not in bound and node.name in found.standard and not steps:
        found.homonyms.add(node.name)
    elif node.name not in bound:
        found.paths.add((node.name, *reversed(steps)))


def _read_loop(node: tree.For | tree.Quantified, bound: frozenset[str], found: _Found) -> None:
    for one in node.iterations:
        _read(one.source, bound, found)
        if one.end:
            _read(one.end, bound, found)
        bound = bound | {one.name}
    last = node.result if isinstance(node, tree.For) else node.condition
    _read(last, bound | {"partial"} if isinstance(node, tree.For) else bound, found)
