"""Lint of how a drawing's elements are joined: starts and ends, flows, gateways, borders, loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from casework.engine import bpmn
from casework.engine.bpmn import Node, attr, kind
from casework.engine.lint_words import Report, who

#: These send their token along every flow, whatever its condition.
THROWING = frozenset({"sendTask", "intermediateThrowEvent"})

#: A token passes these without anything being done.
PASSED = frozenset({"startEvent", "endEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway"})

INSTEAD = {"instead_zh": "请用任务、网关或事件。", "instead_en": "Use a task, a gateway or an event."}


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or subprocess as a graph. `after` includes the boundary events that sit on an activity."""

    node: Node
    nodes: Mapping[str, Node]
    leaving: Mapping[str, list[Node]]
    after: Mapping[str, tuple[str, ...]]

    def out(self, name: str) -> list[Node]:
        """List the flows that leave an element."""
        return self.leaving.get(name, [])


def graph(node: Node) -> Scope:
    """Read a process or subprocess as a graph; flows with a missing end are left out."""
    nodes = {attr(n, "id"): n for n in bpmn.flow_nodes(node)}
    leaving: dict[str, list[Node]] = {}
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for flow in bpmn.flows(node):
        source, target = attr(flow, "sourceRef"), attr(flow, "targetRef")
        if source in nodes and target in nodes:
            leaving.setdefault(source, []).append(flow)
            after[source].append(target)
    for name, event in nodes.items():
        if kind(event) == "boundaryEvent" and attr(event, "attachedToRef") in nodes:
            after[attr(event, "attachedToRef")].append(name)
    return Scope(node, nodes, leaving, {name: tuple(targets) for name, targets in after.items()})


def reach(begin: Iterable[str], after: Mapping[str, Iterable[str]]) -> set[str]:
    """List everything that can be reached."""
    seen: set[str] = set()
    todo = list(begin)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(after.get(name, ()))
    return seen


def starts(scope: Scope) -> list[str]:
    """List a scope's start events."""
    return [name for name, node in scope.nodes.items() if kind(node) == "startEvent"]


def reached(scope: Scope) -> set[str]:
    """List the elements of a scope that a token can reach, its inner scopes not counted."""
    by_event = [name for name, node in scope.nodes.items() if attr(node, "triggeredByEvent") == "true"]
    return reach(starts(scope) + by_event, scope.after)


def check(scope: Scope, report: Report) -> None:
    """Say everything about how one process or subprocess is joined."""
    if kind(scope.node) == "adHocSubProcess" or attr(scope.node, "triggeredByEvent") == "true":
        return  # refused as a whole
    _flows(scope, report)
    _starts(scope, report)
    _ends(scope, report)
    for name, node in scope.nodes.items():
        CHECKS.get(kind(node), _activity)(scope, name, node, report)
    _loops(scope, report)


def _flows(scope: Scope, report: Report) -> None:
    strangers = _strangers(scope, report)
    for flow in bpmn.flows(scope.node):
        source, target = attr(flow, "sourceRef"), attr(flow, "targetRef")
        if strangers & {source, target}:
            continue
        words = {"source": source, "target": target}
        if not source or not target:
            report.add("open-flow", flow, **words)
            continue
        away = [end for end in (source, target) if end not in scope.nodes]
        missing = [f"“{end}”" for end in away if end not in _all_steps(flow)] if away else []
        if missing:
            report.add("dangling-flow", flow, missing="、".join(missing), **words)
        elif away:
            report.add("crossing-flow", flow, **words)
        elif kind(scope.nodes[target]) == "boundaryEvent":
            report.add("into-boundary", flow, **words)
        elif kind(scope.nodes[target]) == "startEvent" or kind(scope.nodes[source]) == "endEvent":
            report.add("wrong-way", flow, **words)


def _strangers(scope: Scope, report: Report) -> set[str]:
    """Name what stands at the end of a flow and is none of the elements that are carried out."""
    ends = {attr(flow, end) for flow in bpmn.flows(scope.node) for end in ("sourceRef", "targetRef")}
    found = [n for n in scope.node if bpmn.is_bpmn(n) and attr(n, "id") in ends - set(scope.nodes)]
    for node in found:
        report.add("unsupported", node, zh=f"元素 {kind(node)}", en=f"the element {kind(node)}", **INSTEAD)
    return {attr(node, "id") for node in found}


def _all_steps(flow: Node) -> set[str]:
    return {attr(n, "id") for n in flow.getroottree().getroot().iter() if kind(n) in bpmn.FLOW_NODES}


def _starts(scope: Scope, report: Report) -> None:
    found = starts(scope)
    if not found:
        report.add("no-start", scope.node)
    plain = [name for name in found if not bpmn.event_definitions(scope.nodes[name])]
    if len(plain) > 1:
        report.add("several-starts", scope.node, count=len(plain))


def _ends(scope: Scope, report: Report) -> None:
    """Every reachable element leads on, and the scope can be left."""
    if not starts(scope):
        return
    live = reached(scope)
    ends = [name for name in live if not scope.after[name] or kind(scope.nodes[name]) == "endEvent"]
    if not ends:
        report.add("no-end", scope.node)
    met = {kind(scope.nodes[name]) for name in live}
    if kind(scope.node) == "process" and "endEvent" in met and met <= PASSED:
        report.add("nothing-to-do", scope.node)
    good = reach(ends, _backwards(scope))
    for name, node in scope.nodes.items():
        if name not in live:
            report.add("unreachable", node)
        elif ends and name not in good:
            report.add("never-ends", node)
        elif not scope.out(name):
            _last(node, report)


def _backwards(scope: Scope) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {name: [] for name in scope.nodes}
    for name, targets in scope.after.items():
        for target in targets:
            before[target].append(name)
    return before


def _last(node: Node, report: Report) -> None:
    if kind(node) in bpmn.GATEWAYS | {"startEvent"}:
        report.add("dead-end", node)
    elif kind(node) != "endEvent":
        report.add("implicit-end", node)


def _choice(scope: Scope, name: str, node: Node, report: Report) -> None:
    out = scope.out(name)
    default = attr(node, "default")
    if default and default not in {attr(flow, "id") for flow in out}:
        report.add("wrong-default", node, id=default)
    if len(out) < 2:
        return
    open_flows = [f for f in out if bpmn.child(f, "conditionExpression") is None and attr(f, "id") != default]
    for flow in open_flows:
        report.add("no-condition", flow, who=who(node))
    if not open_flows and default not in {attr(flow, "id") for flow in out}:
        report.add("no-default", node)


def _activity(scope: Scope, name: str, node: Node, report: Report) -> None:
    """Any element that is no gateway: more than one flow out of it is a split, or a choice by conditions."""
    out = scope.out(name)
    conditions = [flow for flow in out if bpmn.child(flow, "conditionExpression") is not None]
    if conditions and kind(node) in THROWING:
        report.add("condition-ignored", node)
    elif len(out) > 1 and not conditions and kind(node) != "startEvent":
        report.add("implicit-split", node, count=len(out))


def _parallel(scope: Scope, name: str, node: Node, report: Report) -> None:
    if any(bpmn.child(flow, "conditionExpression") is not None for flow in scope.out(name)):
        report.add("condition-without-effect", node)


def _event_gateway(scope: Scope, name: str, node: Node, report: Report) -> None:
    for flow in scope.out(name):
        target = scope.nodes[attr(flow, "targetRef")]
        waiting = bool(bpmn.event_definitions(target)) or kind(target) == "receiveTask"
        if kind(target) not in ("intermediateCatchEvent", "receiveTask") or not waiting:
            report.add("event-gateway-target", node, target=attr(target, "id"))


def _boundary(scope: Scope, name: str, node: Node, report: Report) -> None:
    on = attr(node, "attachedToRef")
    if on not in scope.nodes or kind(scope.nodes[on]) not in bpmn.ACTIVITIES:
        report.add("boundary", node, on=on)
        return
    names = {kind(part) for part in bpmn.event_definitions(node)}
    if not names:
        report.add("no-definition", node)
    if "cancelEventDefinition" in names and kind(scope.nodes[on]) != "transaction":
        report.add("cancel-outside", node)
    _activity(scope, name, node, report)


def _end(scope: Scope, name: str, node: Node, report: Report) -> None:
    cancels = any(kind(part) == "cancelEventDefinition" for part in bpmn.event_definitions(node))
    if cancels and kind(scope.node) != "transaction":
        report.add("cancel-outside", node)


Check = Callable[[Scope, str, Node, Report], None]
CHECKS: dict[str, Check] = {
    "exclusiveGateway": _choice,
    "inclusiveGateway": _choice,
    "parallelGateway": _parallel,
    "eventBasedGateway": _event_gateway,
    "boundaryEvent": _boundary,
    "endEvent": _end,
    "complexGateway": lambda *_: None,  # refused as such
}


def waits(node: Node) -> bool:
    """Tell whether a token can stand still here: for a person, a message, a time."""
    if kind(node) in bpmn.WAITS_FOR_PERSON | {"receiveTask", "callActivity", "intermediateCatchEvent"}:
        return True
    return kind(node) in bpmn.CONTAINERS and any(waits(inner) for inner in bpmn.flow_nodes(node))


def _loops(scope: Scope, report: Report) -> None:
    """Find circles in which nothing waits; each is said once, at its first element in the file."""
    quick = {name for name, node in scope.nodes.items() if not waits(node)}
    after = {name: [t for t in scope.after[name] if t in quick] for name in quick}
    said: set[str] = set()
    for name in scope.nodes:
        if name in quick and name not in said and name in (ahead := reach(after[name], after)):
            said |= {n for n in ahead if name in reach([n], after)}
            report.add("automatic-loop", scope.nodes[name])
