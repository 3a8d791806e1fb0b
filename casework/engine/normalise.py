"""Turns every tool's flavour of BPMN into the one that the engine's parser reads (SpiffWorkflow's)."""

from __future__ import annotations

from casework.engine import bpmn, dialects, repair
from casework.engine.bpmn import CAMUNDA, NS, SPIFF, Node, b, kind
from casework.xml import etree

WITH_PROPERTIES = bpmn.ACTIVITIES | {
    "startEvent",
    "endEvent",
    "intermediateThrowEvent",
    "intermediateCatchEvent",
}
#: In Camunda 8 each of these may be a job; then it is a service task like any other.
MAY_BE_JOB = ("sendTask", "businessRuleTask", "scriptTask")
EXPRESSIONS = ("conditionExpression", "completionCondition", "loopCardinality", "loopCondition", "condition")
TIMES = ("timeDate", "timeDuration", "timeCycle")


def normalise(tree: Node) -> Node:
    """Rewrite a drawing in place and give it back. Line numbers stay those of the file."""
    repair.repair(tree)
    for name in MAY_BE_JOB:
        for node in list(tree.iter(b(name))):
            _job(node)
    for node in [n for n in tree.iter() if bpmn.is_bpmn(n)]:
        name = kind(node)
        if name in WITH_PROPERTIES:
            _properties(node)
        if name in WRITERS:
            WRITERS[name](node)
    repair.drop_data(tree)
    return tree


def mark_executable(tree: Node) -> None:
    """Say of every process that it may be carried out: which one is, its drawing has decided."""
    for process in bpmn.children(tree, "process"):
        process.set("isExecutable", "true")


def _spiff(node: Node, tag: str, text: str | None = None, **attributes: str) -> Node:
    ext = bpmn.extensions(node)
    if ext is None:
        ext = etree.Element(b("extensionElements"))
        node.insert(0, ext)
    part = etree.SubElement(ext, f"{{{SPIFF}}}{tag}", attrib=attributes)
    part.text = text
    return part


def _has(node: Node, tag: str) -> bool:
    return node.find(f"b:extensionElements/s:{tag}", NS) is not None


def _job(node: Node) -> None:
    """A send, rule or script task that names a job's type is an effect like any service task."""
    ext = bpmn.extensions(node)
    job = ext is not None and ext.find("z:taskDefinition", NS) is not None
    topic = node.get(f"{{{CAMUNDA}}}topic") is not None and kind(node) != "scriptTask"
    if topic or (job and dialects.decision(node)[0] is None):
        node.tag = b("serviceTask")


def _properties(node: Node) -> None:
    found = dialects.properties(node)
    for old in list(node.iterfind("b:extensionElements/s:properties", NS)):
        if (parent := old.getparent()) is not None:
            parent.remove(old)
    if found:
        place = _spiff(node, "properties")
        for name, value in found.items():
            etree.SubElement(place, f"{{{SPIFF}}}property", name=name, value=value)


def _service(node: Node) -> None:
    name = dialects.effect(node)
    if name and not _has(node, "serviceTaskOperator"):
        result = bpmn.attr(node, f"{{{CAMUNDA}}}resultVariable") or bpmn.attr(node, "id")
        _spiff(node, "serviceTaskOperator", id=name, resultVariable=result)


def _decision(node: Node) -> None:
    name, _ = dialects.decision(node)
    if name and not _has(node, "calledDecisionId"):
        _spiff(node, "calledDecisionId", name)


def _call(node: Node) -> None:
    if name := dialects.called(node):
        node.set("calledElement", name)


def _script(node: Node) -> None:
    written = dialects.script(node)
    part = bpmn.child(node, "script")
    if part is None:
        part = etree.SubElement(node, b("script"))
    part.text = written


def _expression(node: Node) -> None:
    written = dialects.formula(bpmn.text(node))
    for part in list(node):
        node.remove(part)
    node.text = written
    owner = node.getparent()
    if not written and owner is not None and kind(node) in ("conditionExpression", "completionCondition"):
        owner.remove(node)  # several tools write an empty condition where they mean none


def _time(node: Node) -> None:
    node.text = dialects.timer(bpmn.text(node))


def _event(node: Node) -> None:
    """A message that Camunda 8 leaves nameless, or an empty reference, takes the event's own name."""
    for name in ("messageRef", "signalRef", "errorRef", "escalationRef"):
        if node.get(name) == "":
            del node.attrib[name]


def _loop(loop: Node) -> None:
    """Write a multi-instance in BPMN's own four elements; the references are FEEL."""
    zeebe = loop.find("b:extensionElements/z:loopCharacteristics", NS)
    collection, item = loop.get(f"{{{CAMUNDA}}}collection"), loop.get(f"{{{CAMUNDA}}}elementVariable")
    output = output_item = None
    if zeebe is not None:
        collection, item = zeebe.get("inputCollection"), zeebe.get("inputElement")
        output, output_item = zeebe.get("outputCollection"), zeebe.get("outputElement")
    _loop_text(loop, "loopDataInputRef", collection)
    _loop_text(loop, "loopDataOutputRef", output)
    _loop_item(loop, "inputDataItem", item)
    _loop_item(loop, "outputDataItem", output_item)
    for condition in list(bpmn.children(loop, "completionCondition")):
        loop.append(condition)


def _loop_text(loop: Node, tag: str, written: str | None) -> None:
    part = bpmn.child(loop, tag)
    if part is None and written and written.strip():
        etree.SubElement(loop, b(tag)).text = dialects.formula(written)
    elif part is not None:
        part.text = _variable(loop, dialects.formula(bpmn.text(part)))


def _loop_item(loop: Node, tag: str, written: str | None) -> None:
    part = bpmn.child(loop, tag)
    if part is None and written and written.strip():
        name = dialects.formula(written)
        etree.SubElement(loop, b(tag), id=name, name=name)
    elif part is not None:
        part.set("id", bpmn.attr(part, "name") or bpmn.attr(part, "id"))


def _variable(loop: Node, name: str) -> str:
    """Follow a loop's reference through the task's input to the variable it comes from."""
    task, root = loop.getparent(), loop.getroottree().getroot()
    for link in () if task is None else task.iterfind("b:dataInputAssociation", NS):
        if bpmn.text(link.find("b:targetRef", NS)) == name:
            name = bpmn.text(link.find("b:sourceRef", NS)) or name
    for link in () if task is None else task.iterfind("b:dataOutputAssociation", NS):
        if bpmn.text(link.find("b:sourceRef", NS)) == name:
            name = bpmn.text(link.find("b:targetRef", NS)) or name
    for tag in ("property", "dataObjectReference", "dataObject"):
        found = next((n for n in root.iter(b(tag)) if n.get("id") == name), None)
        if found is not None:
            return found.get("name") or name
    return name


WRITERS = {
    "serviceTask": _service,
    "businessRuleTask": _decision,
    "callActivity": _call,
    "scriptTask": _script,
    "multiInstanceLoopCharacteristics": _loop,
    **dict.fromkeys(EXPRESSIONS, _expression),
    **dict.fromkeys(TIMES, _time),
    **dict.fromkeys(
        (
            "messageEventDefinition",
            "signalEventDefinition",
            "errorEventDefinition",
            "escalationEventDefinition",
        ),
        _event,
    ),
}
