"""Every FEEL text of a drawing with the place where it stands, and the names these texts read and write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from casework.engine import bpmn, feel
from casework.engine.bpmn import Node, b, kind
from casework.engine.elements import Element

#: What a multi-instance knows about itself.
COUNTERS = frozenset({"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"})
#: Properties that may be FEEL.
EVALUATED = (
    *("acts_on", "assignee", "candidateGroups", "candidateUsers"),
    *("dueDate", "followUpDate", "priority"),
)
ASSIGNMENT = re.compile(r"^\s*([^\W\d]\w*)\s*=(?!=)(.*)$")
USES = {
    "conditionExpression": "condition",
    "completionCondition": "completion condition",
    "loopCardinality": "number of instances",
    "loopCondition": "loop condition",
    "loopDataInputRef": "collection",
    "timeDate": "timer",
    "timeDuration": "timer",
    "timeCycle": "timer",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A FEEL text where it stands: element id, line, what it is for, and the names known only there."""

    element: str
    line: int
    use: str
    text: str
    local: frozenset[str]


def assignments(script: str) -> list[tuple[str, str]]:
    """Split a script into (variable, FEEL); a line without `name =` goes on with the one before it.

    Raises ValueError when the script does not begin with an assignment.
    """
    found: list[tuple[str, str]] = []
    for line in script.splitlines():
        if match := ASSIGNMENT.match(line):
            found.append((match.group(1), match.group(2).strip()))
        elif line.strip() and found:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line.strip()}")
        elif line.strip():
            raise ValueError(line)
    return found


def places(tree: Node, elements: Mapping[str, Element]) -> Iterator[Place]:
    """Go over every FEEL text of a normalised drawing."""
    for node in tree.iter(*(b(tag) for tag in USES)):
        owner = _owner(node)
        written = bpmn.text(node)
        if owner is not None and written:
            local = _local(owner, elements, itself=kind(node) != "loopDataInputRef")
            yield Place(bpmn.attr(owner, "id"), bpmn.line(node), USES[kind(node)], written, local)
    for node in tree.iter(*(b(tag) for tag in sorted(bpmn.FLOW_NODES))):
        if (element := elements.get(bpmn.attr(node, "id"))) is not None:
            local = _local(node, elements)
            for use, written in _texts(element):
                yield Place(element.id, element.line, use, written, local)
    for node in tree.iter(b("message")):
        key = node.find("b:extensionElements/z:subscription", bpmn.NS)
        if key is not None and bpmn.attr(key, "correlationKey"):
            written = bpmn.attr(key, "correlationKey").removeprefix("=")
            yield Place(bpmn.attr(node, "id"), bpmn.line(node), "correlation", written, frozenset())


def _owner(node: Node) -> Node | None:
    """The sequence flow or flow node to which a text belongs."""
    owner = node.getparent()
    while owner is not None and kind(owner) not in bpmn.FLOW_NODES | {"sequenceFlow"}:
        owner = owner.getparent()
    return owner


def _local(node: Node, elements: Mapping[str, Element], *, itself: bool = True) -> frozenset[str]:
    names: set[str] = set()
    place: Node | None = node if itself else bpmn.scope_of(node)
    while place is not None:
        element = elements.get(bpmn.attr(place, "id"))
        if element is not None and element.loop is not None:
            names |= COUNTERS | ({element.loop.item} if element.loop.item else set())
        if element is not None:
            names |= set(element.inputs)
        place = bpmn.scope_of(place)
    return frozenset(names)


def _texts(element: Element) -> Iterator[tuple[str, str]]:
    for name in EVALUATED:
        written = element.properties.get(name, "")
        if written.startswith("="):
            yield name, written[1:]
    yield from (("input", text) for text in element.inputs.values())
    yield from (("output", text) for text in element.outputs.values())
    if element.loop is not None and element.loop.output_item:
        yield "output", element.loop.output_item
    if element.script:
        try:
            yield from (("script", text) for _, text in assignments(element.script))
        except ValueError:
            return  # the lint says so


def written(elements: Mapping[str, Element]) -> frozenset[str]:
    """List the variables that the drawing itself sets."""
    names: set[str] = set()
    for element in elements.values():
        names |= set(element.outputs)
        if element.result:
            names.add(element.result)
        if element.loop is not None and element.loop.output:
            names.add(element.loop.output)
        if element.script:
            try:
                names |= {name for name, _ in assignments(element.script)}
            except ValueError:
                continue
    return frozenset(names)


def read(tree: Node, elements: Mapping[str, Element], use: str = "") -> frozenset[str]:
    """List the variables that the drawing's texts read from the case (texts with mistakes count nothing).

    `use`: only those of texts that are for this, as USES names it.
    """
    names: set[str] = set()
    for place in places(tree, elements):
        if use and place.use != use:
            continue
        try:
            expression = feel.compile(place.text)
            # inside a filter a bare name may be a key of the item or a variable of the case: keep both
            names |= (expression.names | expression.possible) - place.local
        except feel.FeelError:
            continue
    return frozenset(names)
