"""What stands in a drawing: each task, gateway and event with everything the office needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from casework.engine import bpmn, dialects
from casework.engine.bpmn import Node, b, kind

EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Loop:
    """A multi-instance: all texts are FEEL without the leading "="; None where the drawing says nothing."""

    sequential: bool
    collection: str | None
    item: str | None
    output: str | None
    output_item: str | None
    cardinality: str | None
    condition: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """One task, gateway or event. In `properties` a text beginning with "=" is FEEL, others are plain."""

    id: str
    kind: str
    name: str
    lane: str | None
    form: str | None
    properties: Mapping[str, str]
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    process: str
    scope: str
    line: int
    event: str | None = None  # "timer", "message", "error" … for events that wait for or throw something
    attached: str | None = None  # the activity a boundary event sits on
    interrupting: bool = True
    inputs: Mapping[str, str] = field(default_factory=lambda: EMPTY)  # name → FEEL
    outputs: Mapping[str, str] = field(default_factory=lambda: EMPTY)  # variable → FEEL
    effect: str | None = None
    decision: str | None = None
    result: str | None = None
    called: str | None = None
    script: str | None = None
    loop: Loop | None = None

    @property
    def assignee(self) -> str | None:
        """Whom the task is for: a login, or "=" and FEEL."""
        return self.properties.get("assignee")

    @property
    def candidate_groups(self) -> str | None:
        """Who may take the task: names with commas, or "=" and FEEL."""
        return self.properties.get("candidateGroups")

    @property
    def due_date(self) -> str | None:
        """When the task is to be done: an ISO date, date-time or duration, or "=" and FEEL."""
        return self.properties.get("dueDate")

    @property
    def priority(self) -> str | None:
        """How urgent the task is: a number, or "=" and FEEL."""
        return self.properties.get("priority")


def read(tree: Node) -> dict[str, Element]:
    """Read all elements of a normalised drawing, in the order of the file."""
    found = {}
    for process in tree.iter(b("process")):
        lanes = {
            bpmn.text(ref): lane.get("name")
            for lane in process.iter(b("lane"))
            for ref in bpmn.children(lane, "flowNodeRef")
        }
        for scope in bpmn.scopes(process):
            for node in bpmn.flow_nodes(scope):
                found[bpmn.attr(node, "id")] = _element(node, scope, bpmn.attr(process, "id"), lanes)
    return found


def _element(node: Node, scope: Node, process: str, lanes: Mapping[str, str | None]) -> Element:
    name, properties = kind(node), dialects.properties(node)
    decision, result = dialects.decision(node)
    definitions = bpmn.event_definitions(node)
    return Element(
        id=bpmn.attr(node, "id"),
        kind=name,
        name=" ".join(bpmn.attr(node, "name").split()),
        lane=_lane(node, lanes),
        form=properties.get("form"),
        properties=MappingProxyType(properties),
        incoming=tuple(bpmn.text(part) for part in bpmn.children(node, "incoming")),
        outgoing=tuple(bpmn.text(part) for part in bpmn.children(node, "outgoing")),
        process=process,
        scope=bpmn.attr(scope, "id"),
        line=bpmn.line(node),
        event=kind(definitions[0]).removesuffix("EventDefinition") if definitions else None,
        attached=node.get("attachedToRef"),
        interrupting=node.get("cancelActivity", node.get("isInterrupting", "true")) != "false",
        inputs=MappingProxyType(dialects.inputs(node)),
        outputs=MappingProxyType(dialects.outputs(node)),
        effect=dialects.effect(node) if name == "serviceTask" else None,
        decision=decision,
        result=result,
        called=node.get("calledElement") if name == "callActivity" else None,
        script=bpmn.text(bpmn.child(node, "script")) if name == "scriptTask" else None,
        loop=_loop(node),
    )


def _lane(node: Node, lanes: Mapping[str, str | None]) -> str | None:
    """The innermost lane; what stands in a subprocess lies in the subprocess's lane."""
    place: Node | None = node
    while place is not None and kind(place) != "process":
        if lane := lanes.get(bpmn.attr(place, "id")) or lanes.get(bpmn.attr(place, "attachedToRef")):
            return lane
        place = bpmn.scope_of(place)
    return None


def _loop(node: Node) -> Loop | None:
    loop = bpmn.child(node, "multiInstanceLoopCharacteristics")
    if loop is None:
        return None

    def part(tag: str) -> str | None:
        return bpmn.text(bpmn.child(loop, tag)) or None

    def item(tag: str) -> str | None:
        found = bpmn.child(loop, tag)
        return None if found is None else found.get("id") or None

    return Loop(
        sequential=loop.get("isSequential") == "true",
        collection=part("loopDataInputRef"),
        item=item("inputDataItem"),
        output=part("loopDataOutputRef"),
        output_item=item("outputDataItem"),
        cardinality=part("loopCardinality"),
        condition=part("completionCondition"),
    )
