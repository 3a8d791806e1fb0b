"""The words of BPMN 2.0: its namespaces, its kinds of elements, and how to walk over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework.xml import Element, etree

#: An element of the file, as the reader of XML gives it.
Node = Element

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PREFIX = f"{{{MODEL}}}"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NS = {"b": MODEL, "c": CAMUNDA, "z": ZEEBE, "s": SPIFF, "di": DI, "dc": DC, "dd": DD}

#: Tools that forked Camunda 7 (or that it forked) write the same attributes under their own name.
CAMUNDA_FORKS = frozenset(
    {"http://flowable.org/bpmn", "http://activiti.org/bpmn", "http://operaton.org/schema/1.0/bpmn"}
)
#: The drafts of BPMN 2.0 that old tools still write.
MODEL_DRAFTS = frozenset(
    {
        "http://schema.omg.org/spec/BPMN/2.0",
        "http://www.omg.org/spec/BPMN/20100524",
        "http://www.omg.org/bpmn20",
    }
)

TASKS = frozenset({
    "task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask",
    "sendTask", "receiveTask",
})  # fmt: skip
CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | CONTAINERS | {"callActivity"}
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
#: At these the case waits until a person has done something.
WAITS_FOR_PERSON = frozenset({"userTask", "manualTask", "task"})


def b(name: str) -> str:
    """Give the full tag of a BPMN element."""
    return f"{{{MODEL}}}{name}"


def attr(node: Node, name: str) -> str:
    """Read an attribute; empty when it is not there."""
    return str(node.get(name) or "")


def line(node: Node) -> int:
    """Say in which line of the file an element begins; what we added ourselves is where its parent is."""
    number: Any = node.sourceline
    parent = node.getparent()
    return number or (0 if parent is None else line(parent))


def kind(node: Node) -> str:
    """Say what an element is: its tag without namespace; empty for comments and processing instructions."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def namespace(node: Node) -> str:
    """Say whose word an element's tag is."""
    return (etree.QName(node).namespace or "") if isinstance(node.tag, str) else ""


def foreign(tree: Node) -> tuple[str, str] | None:
    """Say in both languages what a file is if it is no BPMN drawing; None for one (drafts included)."""
    name, space = kind(tree), namespace(tree)
    if name == "definitions" and space in MODEL_DRAFTS | {MODEL}:
        return None
    if "/DMN/" in space:
        return (
            "这是判断表（DMN），不是流程图；请把文件名的后缀改为 .dmn。",
            "This is a decision file (DMN), not a drawing; let its name end in .dmn.",
        )
    where = (
        (f"命名空间“{space}”", f"of the namespace “{space}”")
        if space
        else ("没有命名空间", "without a namespace")
    )
    return (
        f"根元素是 <{name}>（{where[0]}），不是 BPMN 2.0 流程图（<definitions>，命名空间“{MODEL}”）。",
        f"The root element is <{name}> {where[1]}, not a BPMN 2.0 drawing (<definitions> of “{MODEL}”).",
    )


def is_bpmn(node: Node) -> bool:
    """Tell BPMN's own elements from the tools' extensions."""
    return isinstance(node.tag, str) and node.tag.startswith(PREFIX)


def children(node: Node, *names: str) -> Iterator[Node]:
    """Go over the BPMN children with one of these names."""
    wanted = {b(name) for name in names}
    return (child for child in node if child.tag in wanted)


def child(node: Node, name: str) -> Node | None:
    """Find the first BPMN child of this name."""
    return node.find(b(name))


def text(node: Node | None) -> str:
    """Read an element's text without the white space around it."""
    return "" if node is None else "".join(str(part) for part in node.itertext()).strip()


def scopes(tree: Node) -> list[Node]:
    """List every process and subprocess: the places where flow nodes stand."""
    return [node for node in tree.iter() if is_bpmn(node) and kind(node) in CONTAINERS | {"process"}]


def flow_nodes(scope: Node) -> list[Node]:
    """List the tasks, gateways and events that stand directly in a process or subprocess."""
    return [node for node in scope if is_bpmn(node) and kind(node) in FLOW_NODES]


def flows(scope: Node) -> list[Node]:
    """List the sequence flows of a process or subprocess."""
    return list(children(scope, "sequenceFlow"))


def event_definitions(node: Node) -> list[Node]:
    """List what an event waits for or throws (timerEventDefinition, messageEventDefinition …)."""
    return [part for part in node if is_bpmn(part) and kind(part).endswith("EventDefinition")]


def extensions(node: Node) -> Node | None:
    """Find the place where tools keep their own data."""
    return child(node, "extensionElements")


def scope_of(node: Node) -> Node | None:
    """Find the process or subprocess in which an element stands."""
    parent = node.getparent()
    while parent is not None and kind(parent) not in CONTAINERS | {"process"}:
        parent = parent.getparent()
    return parent


def process_of(node: Node) -> str:
    """Name the process in which an element stands, however deep."""
    scope: Node | None = node
    while scope is not None and kind(scope) != "process":
        scope = scope.getparent()
    return "" if scope is None else attr(scope, "id")
