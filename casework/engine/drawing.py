"""A drawing: safely read, normalised, checked, and ready to be carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from casework import xml
from casework.engine import bpmn, elements, expressions, lint, specs
from casework.engine.bpmn import Node
from casework.engine.decisions import Decisions
from casework.engine.elements import Element, Loop
from casework.engine.findings import Finding, Refused
from casework.engine.normalise import mark_executable, normalise

__all__ = ["Drawing", "Element", "Finding", "Loop", "Refused", "check", "open"]


@dataclass(frozen=True, eq=False, slots=True)
class Drawing:
    """Everything the engine needs of one file; read once per version, shared, never changed."""

    bytes: bytes
    process: str
    name: str
    spec: specs.Specs
    elements: Mapping[str, Element]
    lanes: tuple[str, ...]
    forms: frozenset[str]
    names: frozenset[str]  # what its expressions read of the case, without what the drawing itself sets
    keeps: frozenset[str]  # answers that become variables of the case
    ways: frozenset[str]  # names by which the way from one step to the next is chosen
    effects: Mapping[str, str]  # service task → kind of effect
    decisions: Mapping[str, Decisions]  # decision id → the tables that answer it
    findings: tuple[Finding, ...]  # warnings only


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of reading: the tree may be missing, the findings may hold errors."""

    findings: tuple[Finding, ...]
    process: str = ""
    tree: Node | None = None
    specs: specs.Specs | None = None
    elements: Mapping[str, Element] = field(default_factory=dict)


def open(  # noqa: A001  the engine's word for it
    data: bytes,
    *,
    decisions: Sequence[Decisions] = (),
    called: Sequence[bytes] = (),
    process: str | None = None,
    keep: Iterable[str] = (),
    known: Collection[str] | None = None,
    functions: Collection[str] | None = None,
    effects: Collection[str] | None = None,
    forms: Collection[str] | None = None,
) -> Drawing:
    """Open a drawing for carrying out. Raises `Refused` when a finding is an error.

    `known` names, `functions`, `effects` and `forms` are those of the procedure; None: not checked.
    """
    given = lint.Given(_decided(decisions), known, functions, effects, forms)
    found = _read(data, called, process, given)
    if found.tree is None or found.specs is None or _errors(found.findings):
        raise Refused(found.findings)
    asked = {e.decision for e in found.elements.values() if e.decision}
    tables = {name: table for table in decisions for name in table.ids if name in asked}
    read = expressions.read(found.tree, found.elements)
    for name, table in tables.items():
        read |= table.names(name)
    names = read - expressions.written(found.elements)
    here = next(n for n in bpmn.children(found.tree, "process") if n.get("id") == found.process)
    values = found.elements.values()
    return Drawing(
        bytes=data,
        process=found.process,
        name=bpmn.attr(here, "name") or found.process,
        spec=found.specs,
        elements=MappingProxyType(dict(found.elements)),
        lanes=tuple(dict.fromkeys(bpmn.attr(n, "name") for n in here.iter(bpmn.b("lane")) if n.get("name"))),
        forms=frozenset(e.form for e in values if e.form),
        names=names,
        keeps=names | frozenset(keep),
        ways=expressions.read(found.tree, found.elements, expressions.USES["conditionExpression"]),
        effects=MappingProxyType({e.id: e.effect for e in values if e.effect}),
        decisions=MappingProxyType(tables),
        findings=found.findings,
    )


def check(
    data: bytes,
    *,
    decisions: Sequence[Decisions] | None = None,
    called: Sequence[bytes] = (),
    process: str | None = None,
    known: Collection[str] | None = None,
    functions: Collection[str] | None = None,
    effects: Collection[str] | None = None,
    forms: Collection[str] | None = None,
) -> list[Finding]:
    """Say everything there is to say about a file. Never raises, whatever the bytes are."""
    decided = None if decisions is None else _decided(decisions)
    return list(_read(data, called, process, lint.Given(decided, known, functions, effects, forms)).findings)


def _decided(decisions: Sequence[Decisions]) -> frozenset[str]:
    return frozenset(name for table in decisions for name in table.ids)


def _tree(data: bytes) -> Node | Finding:
    try:
        tree = xml.read(data)
    except xml.Unreadable as wrong:
        return Finding(wrong.line, "", "xml", "error", wrong.zh, wrong.en)
    if said := bpmn.foreign(tree):
        return Finding(bpmn.line(tree), "", "not-bpmn", "error", *said)
    return next(iter(lint.too_many(tree)), None) or normalise(tree)


def _read(data: bytes, called: Sequence[bytes], process: str | None, given: lint.Given) -> _Read:
    tree = _tree(data)
    if isinstance(tree, Finding):
        return _Read((tree,))
    others = [_tree(other) for other in called]
    readable = [other for other in others if not isinstance(other, Finding)]
    main, findings = lint.executable(tree, process)
    for one in (tree, *readable):
        mark_executable(one)
    found = elements.read(tree)
    findings += [_elsewhere(other) for other in others if isinstance(other, Finding)]
    findings += lint.findings(tree, main, found, readable, given)
    for other in readable:
        inner = elements.read(other)
        findings += map(_elsewhere, _errors(lint.findings(other, main, inner, [tree, *readable], given)))
        found = inner | found
    if _errors(findings):
        return _Read(tuple(findings), main, tree, None, found)
    try:
        spec = specs.build(tree, main, readable)
    except specs.Unbuildable as wrong:
        return _Read((*findings, wrong.finding), main, tree, None, found)
    return _Read(tuple(findings), main, tree, spec, found)


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level == "error"]


def _elsewhere(finding: Finding) -> Finding:
    """A finding in a called file: its line is of that file."""
    zh = f"（被调用的文件，第 {finding.line} 行）{finding.zh}"
    return replace(finding, line=0, zh=zh, en=f"(called file, line {finding.line}) {finding.en}")
