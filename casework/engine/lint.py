"""What would not run in a drawing, and what its drafter should know, in both languages.

The lint is the contract: what it accepts runs; what it refuses, it refuses with line, element and reason.
What is wrong with a step that no token can reach is a warning, unless it keeps the drawing from being built.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from casework.engine import bpmn, lint_elements, lint_flow, lint_texts
from casework.engine.bpmn import Node, attr, b, kind
from casework.engine.elements import Element
from casework.engine.findings import Finding
from casework.engine.lint_words import Report

#: Above this a file is no drawing anybody could read; it also bounds the time the lint takes.
MAX_ELEMENTS = 2000
#: All of a process is built, also what no token comes to: there these are errors nevertheless.
BUILT = frozenset({
    "duplicate-id", "reserved-id", "no-start", "dangling-flow", "open-flow", "crossing-flow", "boundary",
    "unsupported",
    "expression", "juel", "script", "timer", "no-collection", "endless-loop", "no-called", "missing-called",
    "dynamic-name",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What the procedure has beside the drawing; None: unknown, so not checked."""

    decisions: frozenset[str] | None = None
    known: Collection[str] | None = None
    functions: Collection[str] | None = None
    effects: Collection[str] | None = None
    forms: Collection[str] | None = None


def too_many(tree: Node) -> list[Finding]:
    """Refuse files that are too large to be read with care."""
    kinds = [kind(node) for node in tree.iter()]
    count = max(sum(1 for name in kinds if name in bpmn.FLOW_NODES), kinds.count("sequenceFlow"))
    report = Report()
    if count > MAX_ELEMENTS:
        report.add("too-many", tree, count=count, limit=MAX_ELEMENTS)
    return report.findings


def executable(tree: Node, wanted: str | None) -> tuple[str, list[Finding]]:
    """Choose the process that a case carries out: the one asked for, else the executable one with a start."""
    report = Report()
    processes = [p for p in bpmn.children(tree, "process") if bpmn.flow_nodes(p)]
    if wanted is not None:
        if wanted not in {attr(p, "id") for p in bpmn.children(tree, "process")}:
            report.add("no-such-process", tree, wanted=wanted)
        return wanted, report.findings
    if not processes:
        report.add(_instead(tree), tree)
        return "", report.findings
    marked = [p for p in processes if attr(p, "isExecutable") == "true"]
    here = _likely(marked or processes)
    if not marked:
        report.add("not-executable", here)
    _others(tree, here, [p for p in processes if p is not here], report)
    return attr(here, "id"), report.findings


def _instead(tree: Node) -> str:
    """What a file without a process of steps holds."""
    if any(True for _ in bpmn.children(tree, "choreography")):
        return "choreography"
    return "no-steps" if bpmn.child(tree, "process") is not None else "no-process"


def _others(tree: Node, here: Node, others: Sequence[Node], report: Report) -> None:
    """Remark on the processes of a file that its case does not carry out."""
    main = attr(here, "id")
    called = lint_elements.calls(main, {attr(p, "id"): p for p in bpmn.children(tree, "process")})
    for other in others:
        if attr(other, "id") not in called:
            code = "several-processes" if attr(other, "isExecutable") == "true" else "other-pool"
            report.add(code, other, main=main)


def _likely(processes: Sequence[Node]) -> Node:
    """The first that can begin by itself and that none of the others calls."""
    called = {attr(call, "calledElement") for p in processes for call in p.iter(b("callActivity"))}
    begins = [p for p in processes if any(kind(n) == "startEvent" for n in bpmn.flow_nodes(p))]
    free = [p for p in begins if attr(p, "id") not in called]
    return (free or begins or list(processes))[0]


def findings(
    tree: Node, main: str, elements: Mapping[str, Element], called: Sequence[Node], given: Given
) -> list[Finding]:
    """Check one normalised file; `main` is the process a case begins, in this file or one of the others."""
    report = Report()
    own = {attr(p, "id"): p for p in bpmn.children(tree, "process")}
    others = {attr(p, "id"): p for other in called for p in bpmn.children(other, "process")}
    everyone = others | own
    around = lint_elements.Around(
        elements, lint_elements.named(tree), everyone, lint_elements.rings(everyone),
        given.decisions, given.effects, given.forms,
    )  # fmt: skip
    lint_elements.ids(tree, report)
    for scope in bpmn.scopes(tree):
        graph = lint_flow.graph(scope)
        if graph.nodes or attr(scope, "id") == main or kind(scope) != "process":
            lint_flow.check(graph, report)
        for node in graph.nodes.values():
            lint_elements.check(node, around, report)
    lint_texts.check(tree, elements, given.known, given.functions, report)
    lint_elements.stores(tree, report)
    names = {main} | lint_elements.calls(main, around.processes)
    carried_out = [process for name, process in own.items() if name in names]
    inside = {attr(node, "id") for process in carried_out for node in process.iter() if bpmn.is_bpmn(node)}
    live = _live(carried_out)

    def weigh(finding: Finding) -> Finding:
        grave = finding.element in live or (finding.code in BUILT and finding.element in inside)
        return finding if grave else replace(finding, level="warning")

    return sorted(map(weigh, report.findings), key=lambda f: (f.line, f.element))


def _live(carried_out: Sequence[Node]) -> set[str]:
    """List every id that a token can come to: scopes, elements, and the flows between them."""
    live: set[str] = set()
    todo = list(carried_out)
    while todo:
        scope = todo.pop()
        live.add(attr(scope, "id"))
        graph = lint_flow.graph(scope)
        begins = lint_flow.starts(graph)
        here = lint_flow.reached(graph) if begins else set(graph.nodes)
        live |= here | {attr(f, "id") for f in bpmn.flows(scope) if attr(f, "sourceRef") in here}
        todo += [graph.nodes[name] for name in here if kind(graph.nodes[name]) in bpmn.CONTAINERS]
    return live
