"""Mends what tools write badly or not at all, so that everything after it sees one tidy tree of BPMN."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from casework.engine import bpmn
from casework.engine.bpmn import CAMUNDA, CAMUNDA_FORKS, MODEL, MODEL_DRAFTS, Node, b, kind
from casework.xml import etree

#: References that are qualified names in the standard; tools write them with or without a prefix.
REFERENCES = (
    "messageRef", "errorRef", "signalRef", "escalationRef", "processRef", "calledElement", "dataObjectRef",
    "attachedToRef", "sourceRef", "targetRef", "default",
)  # fmt: skip
#: Drawn for the reader; values live in the case's variables, so the engine has no use for them.
DATA = (
    "dataObject", "dataObjectReference", "dataStore", "dataInputAssociation", "dataOutputAssociation",
    "ioSpecification", "property",
)  # fmt: skip


def repair(tree: Node) -> Node:
    """Mend names, ids, references, flows and lanes in place; what cannot be mended stays for the lint."""
    _namespaces(tree)
    _ids(tree)
    _references(tree)
    _event_definitions(tree)
    for scope in bpmn.scopes(tree):
        _ends(scope)
    _home(tree)
    _flow_ids(tree)
    for scope in bpmn.scopes(tree):
        _links(scope)
    _lanes(tree)
    return tree


def _bpmn(tree: Node, *names: str) -> Iterator[Node]:
    return tree.iter(*(b(name) for name in names)) if names else (n for n in tree.iter() if bpmn.is_bpmn(n))


def _namespaces(tree: Node) -> None:
    """Write drafts of BPMN and forks of Camunda under the names everybody uses."""
    for node in tree.iter():
        space = bpmn.namespace(node)
        if space in MODEL_DRAFTS:
            node.tag = b(kind(node))
        elif space in CAMUNDA_FORKS:
            node.tag = f"{{{CAMUNDA}}}{kind(node)}"
        for name, value in list(node.attrib.items()):
            key = etree.QName(str(name))
            if key.namespace in CAMUNDA_FORKS:
                node.set(f"{{{CAMUNDA}}}{key.localname}", value)
            elif key.namespace == MODEL:
                node.set(key.localname, value)
                del node.attrib[name]


def _ids(tree: Node) -> None:
    """Give ids to processes and flow nodes that have none, and take spaces off the others."""
    free = _Free({bpmn.attr(node, "id").strip() for node in tree.iter()})
    for node in _bpmn(tree):
        if node.get("id"):
            node.set("id", str(node.get("id")).strip())
        elif kind(node) in bpmn.FLOW_NODES | {"process"}:
            node.set("id", free.name(kind(node)))
    for node in tree.iter():  # an extension's id would hide the element of the same name from the parser
        if isinstance(node.tag, str) and not bpmn.is_bpmn(node) and bpmn.namespace(node) == CAMUNDA:
            _without(node, "id")


def _without(node: Node, name: str) -> None:
    if name in node.attrib:
        del node.attrib[name]


class _Free:
    """Gives names that are not taken: `flow_a_b`, `flow_a_b_2` …"""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.number: dict[str, int] = {}

    def name(self, wanted: str) -> str:
        name, number = wanted, self.number.get(wanted, 1)
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.number[wanted] = number
        self.taken.add(name)
        return name


def _references(tree: Node) -> None:
    """Take prefixes off references (`tns:Message_1`) where only the bare id exists."""
    ids = {node.get("id") for node in _bpmn(tree)}
    for node in _bpmn(tree):
        for name in REFERENCES:
            value = node.get(name)
            if value is not None:
                node.set(name, _bare(value, ids))
        if kind(node) in ("incoming", "outgoing", "flowNodeRef", "eventDefinitionRef"):
            node.text = _bare(bpmn.text(node), ids)


def _bare(value: str, ids: set[str | None]) -> str:
    value = value.strip()
    bare = value.rpartition(":")[2]
    return bare if value not in ids and bare in ids else value


def _event_definitions(tree: Node) -> None:
    """Put event definitions that stand apart into the events that refer to them."""
    apart = {n.get("id"): n for n in tree if kind(n).endswith("EventDefinition")}
    for ref in list(_bpmn(tree, "eventDefinitionRef")):
        event, found = ref.getparent(), apart.get(bpmn.text(ref))
        if event is not None and found is not None and len(found) < 20:  # a definition has few parts
            copy = deepcopy(found)
            _without(copy, "id")
            event.replace(ref, copy)


def _ends(scope: Node) -> None:
    """Find a flow's ends from the elements' own lists, where a tool wrote only these."""
    known = {flow.get("id"): flow for flow in bpmn.flows(scope)}
    for node in bpmn.flow_nodes(scope):
        for tag, end in (("outgoing", "sourceRef"), ("incoming", "targetRef")):
            for part in bpmn.children(node, tag):
                flow = known.get(bpmn.text(part))
                if flow is not None and not flow.get(end):
                    flow.set(end, bpmn.attr(node, "id"))


def _home(tree: Node) -> None:
    """Bring a flow into the process or subprocess in which both its ends stand."""
    home = {node.get("id"): scope for scope in bpmn.scopes(tree) for node in bpmn.flow_nodes(scope)}
    for flow in list(_bpmn(tree, "sequenceFlow")):
        source, target = home.get(flow.get("sourceRef")), home.get(flow.get("targetRef"))
        if source is not None and source is target and flow.getparent() is not source:
            source.append(flow)


def _flow_ids(tree: Node) -> None:
    """Name flows without id after their ends, the same at every reading."""
    free = _Free({bpmn.attr(node, "id") for node in _bpmn(tree)})
    for flow in _bpmn(tree, "sequenceFlow"):
        if not flow.get("id"):
            flow.set("id", free.name(f"flow_{bpmn.attr(flow, 'sourceRef')}_{bpmn.attr(flow, 'targetRef')}"))


def _links(scope: Node) -> None:
    """Write every element's incoming and outgoing anew from the flows."""
    at: dict[tuple[str, str], list[Node]] = {}
    for flow in bpmn.flows(scope):
        for end in ("sourceRef", "targetRef"):
            at.setdefault((end, bpmn.attr(flow, end)), []).append(flow)
    for node in bpmn.flow_nodes(scope):
        for old in list(bpmn.children(node, "incoming", "outgoing")):
            node.remove(old)
        place = sum(1 for part in node if kind(part) in ("documentation", "extensionElements"))
        for tag, end in (("outgoing", "sourceRef"), ("incoming", "targetRef")):
            for flow in reversed(at.get((end, bpmn.attr(node, "id")), [])):
                part = etree.Element(b(tag))
                part.text = flow.get("id")
                node.insert(place, part)


def _lanes(tree: Node) -> None:
    """Leave each element in its innermost named lane only; a boundary event lies where its activity lies."""
    for process in _bpmn(tree, "process"):
        lanes = list(process.iter(b("lane")))
        where: dict[str, Node] = {}
        for lane in lanes:  # document order: an inner lane comes after the one it lies in
            for ref in list(bpmn.children(lane, "flowNodeRef")):
                old = where.get(bpmn.text(ref))
                if old is None or old in lane.iterancestors():
                    where[bpmn.text(ref)] = _named(lane)
                lane.remove(ref)
        for event in process.iter(b("boundaryEvent")):
            if (home := where.get(bpmn.attr(event, "attachedToRef"))) is not None:
                where[bpmn.attr(event, "id")] = home
        for name, lane in where.items():
            etree.SubElement(lane, b("flowNodeRef")).text = name


def _named(lane: Node) -> Node:
    while not lane.get("name"):
        outer = next(lane.iterancestors(b("lane")), None)
        if outer is None:
            break
        lane = outer
    return lane


def drop_data(tree: Node) -> None:
    """Take out data objects and their arrows, which would hang the parser two levels deep."""
    for node in list(_bpmn(tree, *DATA)):
        parent = node.getparent()
        if parent is not None:
            parent.remove(node)
