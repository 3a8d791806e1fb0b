"""Lint of single elements: what is not supported, what is missing, what is named and does not exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from casework.engine import bpmn
from casework.engine.bpmn import CAMUNDA, NS, Node, attr, b, kind
from casework.engine.elements import Element
from casework.engine.lint_words import Report, who

#: Words the parser uses for itself.
RESERVED = frozenset({"Start", "End", "Root"})
UNSUPPORTED = {
    "complexGateway": (
        "复杂网关",
        "a complex gateway",
        "请用排他、包容或并行网关。",
        "Use an exclusive, inclusive or parallel gateway.",
    ),
    "adHocSubProcess": (
        "临时（ad hoc）子流程",
        "an ad hoc subprocess",
        "请画出先后次序。",
        "Draw the order of its steps.",
    ),
    "linkEventDefinition": (
        "链接事件",
        "a link event",
        "请直接用连线。",
        "Draw the flow itself.",
    ),
    "compensateEventDefinition": (
        "补偿",
        "compensation",
        "请用普通连线画出撤销步骤。",
        "Draw the steps that undo with ordinary flows.",
    ),
    "conditionalEventDefinition": (
        "条件事件",
        "a conditional event",
        "请用消息或定时事件。",
        "Use a message or a timer.",
    ),
}
SEVERAL_TRIGGERS = (
    "多重触发的事件",
    "an event with several triggers",
    "请为每个触发各画一个事件。",
    "Draw one event for each.",
)
EVENT_SUBPROCESS = (
    "事件子流程",
    "an event subprocess",
    "请把步骤放进子流程，在其边上加边界事件。",
    "Put the steps into a subprocess and a boundary event on its border.",
)
#: Root elements that events refer to, with what they are called.
REFERENCES = {
    "messageRef": ("message", "消息"),
    "signalRef": ("signal", "信号"),
    "errorRef": ("error", "错误"),
    "escalationRef": ("escalation", "升级"),
}
LISTENERS = ("executionListener", "taskListener")
TIMES = ("timeDate", "timeDuration", "timeCycle")


@dataclass(frozen=True, slots=True)
class Around:
    """What elements may refer to: the file itself, other files' processes, the procedure."""

    elements: Mapping[str, Element]
    named: Mapping[tuple[str, str], Node]
    processes: Mapping[str, Node]
    rings: frozenset[str]  # processes that come back to calling themselves
    decisions: frozenset[str] | None
    effects: Collection[str] | None
    forms: Collection[str] | None


def ids(tree: Node, report: Report) -> None:
    """Find ids that stand twice or that the parser needs for itself."""
    seen: dict[str, Node] = {}
    for node in tree.iter():
        name = attr(node, "id") if bpmn.is_bpmn(node) else ""
        if not name or kind(node) in ("inputDataItem", "outputDataItem"):  # these are names of variables
            continue
        if name in seen:
            report.add("duplicate-id", node, id=name, other=bpmn.line(seen[name]))
        seen.setdefault(name, node)
        if name in RESERVED and kind(node) in bpmn.FLOW_NODES:
            report.add("reserved-id", node, id=name)


def check(node: Node, around: Around, report: Report) -> None:
    """Say everything about one flow node by itself."""
    name = kind(node)
    if _unsupported(node, report):
        return
    for definition in bpmn.event_definitions(node):
        _definition(node, definition, around, report)
    loop = bpmn.child(node, "multiInstanceLoopCharacteristics")
    if loop is not None:
        _multi_instance(node, loop, report)
    standard = bpmn.child(node, "standardLoopCharacteristics")
    if standard is not None and not _bounded(standard):
        report.add("endless-loop", node)
    if any(node.find(f"b:extensionElements/c:{tag}", NS) is not None for tag in LISTENERS):
        report.add("listener", node)
    if name in CHECKS:
        CHECKS[name](node, around, report)


def _bounded(loop: Node) -> bool:
    return bool(attr(loop, "loopMaximum") or bpmn.text(bpmn.child(loop, "loopCondition")))


def _unsupported(node: Node, report: Report) -> bool:
    parts = [kind(part) for part in (node, *bpmn.event_definitions(node))]
    found = [UNSUPPORTED[part] for part in parts if part in UNSUPPORTED]
    if attr(node, "triggeredByEvent") == "true":
        found.append(EVENT_SUBPROCESS)
    if len(bpmn.event_definitions(node)) > 1:
        found.append(SEVERAL_TRIGGERS)
    if attr(node, "isForCompensation") == "true":
        found.append(UNSUPPORTED["compensateEventDefinition"])
    for zh, en, instead_zh, instead_en in found:
        report.add("unsupported", node, zh=zh, en=en, instead_zh=instead_zh, instead_en=instead_en)
    return bool(found)


def _definition(node: Node, definition: Node, around: Around, report: Report) -> None:
    name = kind(definition)
    for attribute in REFERENCES:
        _reference(node, attribute, attr(definition, attribute), around, report)
    if name == "messageEventDefinition" and not attr(definition, "messageRef") and not attr(node, "name"):
        report.add("no-message", node)
    if name == "timerEventDefinition" and not any(bpmn.text(bpmn.child(definition, tag)) for tag in TIMES):
        report.add("no-timer", node)


def _reference(node: Node, attribute: str, ref: str, around: Around, report: Report) -> None:
    if not ref:
        return
    tag, what = REFERENCES[attribute]
    found = around.named.get((tag, ref))
    if found is None:
        report.add("missing-reference", node, id=ref, what=what, what_en=tag)
    elif tag == "message" and not attr(found, "name"):
        report.add("no-message", node)


def _multi_instance(node: Node, loop: Node, report: Report) -> None:
    collection = bpmn.text(bpmn.child(loop, "loopDataInputRef"))
    cardinality = bpmn.text(bpmn.child(loop, "loopCardinality"))
    if not collection and not cardinality:
        report.add("no-collection", node)


def _service(node: Node, around: Around, report: Report) -> None:
    effect = around.elements[attr(node, "id")].effect
    java = next((attr(node, f"{{{CAMUNDA}}}{n}") for n in ("class", "delegateExpression", "expression")
                 if node.get(f"{{{CAMUNDA}}}{n}")), "")  # fmt: skip
    if not effect:
        report.add("java" if java else "no-type", node, id=java)
    elif effect.startswith("="):
        report.add("dynamic-name", node, id=effect)
    elif around.effects is not None and effect not in around.effects:
        report.add("unknown-effect", node, id=effect, known="、".join(sorted(around.effects)))


def _rule(node: Node, around: Around, report: Report) -> None:
    name = around.elements[attr(node, "id")].decision
    if not name:
        report.add("no-decision", node)
    elif name.startswith(("=", "${")):
        report.add("dynamic-name", node, id=name)
    elif around.decisions is not None and name not in around.decisions:
        report.add("missing-decision", node, id=name)


def _call(node: Node, around: Around, report: Report) -> None:
    name = attr(node, "calledElement")
    if not name:
        report.add("no-called", node)
    elif name.startswith(("=", "${")):
        report.add("dynamic-name", node, id=name)
    elif name not in around.processes:
        report.add("missing-called", node, id=name)
    elif name in around.rings:
        report.add("recursive-call", node, id=name)


def calls(process: str, processes: Mapping[str, Node]) -> set[str]:
    """List the processes that one process calls, directly or through others."""
    seen: set[str] = set()
    todo = [process]
    while todo:
        node = processes.get(todo.pop())
        for call in () if node is None else node.iter(b("callActivity")):
            if (name := attr(call, "calledElement")) not in seen:
                seen.add(name)
                todo.append(name)
    return seen


def rings(processes: Mapping[str, Node]) -> frozenset[str]:
    """List the processes that come back to calling themselves."""
    called = {
        name: {attr(call, "calledElement") for call in p.iter(b("callActivity"))}
        for name, p in processes.items()
    }
    left = dict(called)
    while quiet := [name for name, others in left.items() if not others & left.keys()]:
        for name in quiet:
            del left[name]
    return frozenset(name for name in left if name in calls(name, processes))


def named(tree: Node) -> dict[tuple[str, str], Node]:
    """Find what events refer to, by kind and id."""
    return {(tag, attr(node, "id")): node for tag, _ in REFERENCES.values() for node in tree.iter(b(tag))}


def _message(node: Node, around: Around, report: Report) -> None:
    ref = attr(node, "messageRef")
    if ref:
        _reference(node, "messageRef", ref, around, report)
    elif not bpmn.event_definitions(node) and not attr(node, "name"):
        report.add("no-message", node)


def _script(node: Node, around: Around, report: Report) -> None:
    if not bpmn.text(bpmn.child(node, "script")):
        report.add("no-script", node)


def _form(node: Node, around: Around, report: Report) -> None:
    form = around.elements[attr(node, "id")].form
    if form is None:
        report.add("no-form" if around.forms is None else "form-needed", node)
    elif around.forms is not None and form not in around.forms:
        report.add("missing-form", node, id=form)


def _catch(node: Node, around: Around, report: Report) -> None:
    if not bpmn.event_definitions(node):
        report.add("waits-for-nothing", node)


CHECKS: dict[str, Callable[[Node, Around, Report], None]] = {
    "serviceTask": _service,
    "businessRuleTask": _rule,
    "callActivity": _call,
    "sendTask": _message,
    "receiveTask": _message,
    "scriptTask": _script,
    "userTask": _form,
    "manualTask": _form,
    "task": _form,
    "intermediateCatchEvent": _catch,
}


def stores(tree: Node, report: Report) -> None:
    """Remark on data stores."""
    for node in tree.iter(b("dataStoreReference")):
        report.add("data-store", node, who=who(node))
