"""What the tools write into a drawing beside BPMN: Camunda 7 and its forks, Camunda 8, SpiffArena, jBPM.

Only reading here. Texts come back in one spelling: a text that begins with "=" is FEEL, any other is
meant as it stands.
"""

from __future__ import annotations

import re

from casework.engine import bpmn
from casework.engine.bpmn import CAMUNDA, NS, Node
from casework.engine.feel.juel import to_feel

ISO_TIME = re.compile(r"(P|R\d*/|\d{4}-\d\d-\d\d)[^\"'()]*")
ATTRIBUTES = (
    "formKey", "formRef", "assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate",
    "priority", "topic", "type", "class", "delegateExpression", "expression",
)  # fmt: skip
#: Where Camunda 8 keeps the same things.
ZEEBE = {
    "formDefinition": {"formId": "form", "formKey": "form", "externalReference": "form"},
    "taskSchedule": {"dueDate": "dueDate", "followUpDate": "followUpDate"},
    "assignmentDefinition": {n: n for n in ("assignee", "candidateUsers", "candidateGroups")},
    "priorityDefinition": {"priority": "priority"},
    "taskDefinition": {"retries": "retries"},
}
#: (element, attribute of its name, attribute of its value)
PAIRS = (
    (".//c:properties/c:property", "name", "value"),
    ("s:properties/s:property", "name", "value"),
    ("z:properties/z:property", "name", "value"),
    ("z:taskHeaders/z:header", "key", "value"),
)
FORM_NAMES = ("form", "formRef", "formKey", "formJsonSchemaFilename")
JBPM = {"TaskName": "form", "GroupId": "candidateGroups", "ActorId": "assignee", "Priority": "priority"}


def is_juel(text: str) -> bool:
    """Recognise Camunda 7's `${…}` and `#{…}`, also in the middle of a text."""
    return "${" in text or "#{" in text


def formula(text: str) -> str:
    """Give an expression as FEEL without the leading "="; a `${…}` outside the subset stays for the lint."""
    text = text.strip()
    if is_juel(text):
        return to_feel(text) or text
    return text.removeprefix("=").strip()


def either(text: str) -> str:
    """Give a text that may be a literal or an expression: FEEL begins with "=", a literal stands as it is."""
    text = text.strip()
    if is_juel(text):
        feel = to_feel(text)
        return text if feel is None else f"={feel}"
    return text


def timer(text: str) -> str:
    """Give a timer as FEEL: `PT1H`, `R3/P1D` and `2026-08-07T09:00:00` are quoted, as Modelers do not."""
    text = text.strip()
    return f'"{text}"' if ISO_TIME.fullmatch(text) else formula(text)


def properties(node: Node) -> dict[str, str]:
    """Everything a form, an assignment or an effect may need, whatever tool wrote it."""
    found = {name: either(value) for name in ATTRIBUTES if (value := node.get(f"{{{CAMUNDA}}}{name}"))}
    found |= _owners(node)
    if (ext := bpmn.extensions(node)) is not None:
        for path, name, value in PAIRS:
            for part in ext.iterfind(path, NS):
                if part.get(name) and part.get(value) is not None:
                    found[str(part.get(name))] = either(str(part.get(value)))
        for tag, names in ZEEBE.items():
            for part in ext.iterfind(f"z:{tag}", NS):
                found |= {
                    names[str(k)]: either(str(v)) for k, v in part.attrib.items() if str(k) in names and v
                }
    form = next((found[name] for name in FORM_NAMES if found.get(name)), "")
    return {name: value for name, value in ({**found, "form": form}).items() if value}


def _owners(node: Node) -> dict[str, str]:
    """Read whom BPMN itself and jBPM name: potential owners and the assignments of a task's inputs."""
    found = {}
    owner = node.find("b:potentialOwner/b:resourceAssignmentExpression/b:formalExpression", NS)
    if performer := bpmn.text(owner):
        found["candidateGroups"] = either(performer)
    person = node.find("b:humanPerformer/b:resourceAssignmentExpression/b:formalExpression", NS)
    if performer := bpmn.text(person):
        found["assignee"] = either(performer)
    names = {part.get("id"): part.get("name") for part in node.iterfind("b:ioSpecification/b:dataInput", NS)}
    for link in node.iterfind("b:dataInputAssociation", NS):
        key = JBPM.get(names.get(bpmn.text(link.find("b:targetRef", NS))) or "")
        given = bpmn.text(link.find("b:assignment/b:from", NS))
        if key and given:
            found[key] = either(given)
    return found


def inputs(node: Node) -> dict[str, str]:
    """What an element is given: name → FEEL (zeebe:input, camunda:inputParameter, camunda:in)."""
    return _mapping(node, "input", "inputParameter", "in")


def outputs(node: Node) -> dict[str, str]:
    """What an element leaves behind: variable → FEEL (zeebe:output, camunda:outputParameter, camunda:out)."""
    return _mapping(node, "output", "outputParameter", "out")


def _mapping(node: Node, zeebe: str, parameter: str, called: str) -> dict[str, str]:
    ext, found = bpmn.extensions(node), {}
    if ext is None:
        return {}
    for part in ext.iterfind(f"z:ioMapping/z:{zeebe}", NS):
        found[bpmn.attr(part, "target")] = bpmn.attr(part, "source")
    for part in ext.iterfind(f"c:inputOutput/c:{parameter}", NS):
        found[bpmn.attr(part, "name")] = _quoted(bpmn.text(part))
    for part in ext.iterfind(f"c:{called}", NS):
        source = part.get("source") or either(bpmn.attr(part, "sourceExpression"))
        found[bpmn.attr(part, "target")] = source
    return {name: formula(source) for name, source in found.items() if name and source.strip()}


def _quoted(text: str) -> str:
    """A parameter of Camunda 7 is a plain text unless it is `${…}`."""
    feel = either(text)
    if feel.startswith("=") or is_juel(text):
        return feel
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def effect(node: Node) -> str | None:
    """Name the effect a service task asks for: zeebe:taskDefinition type, camunda:topic, Spiff operator."""
    ext = bpmn.extensions(node)
    if topic := node.get(f"{{{CAMUNDA}}}topic"):
        return topic
    for path, name in (("z:taskDefinition", "type"), ("s:serviceTaskOperator", "id")):
        part = None if ext is None else ext.find(path, NS)
        if part is not None and part.get(name):
            return part.get(name)
    return None


def decision(node: Node) -> tuple[str | None, str | None]:
    """Name the decision a business rule task asks, and the variable its answer goes to."""
    ext = bpmn.extensions(node)
    result = node.get(f"{{{CAMUNDA}}}resultVariable")
    if ref := node.get(f"{{{CAMUNDA}}}decisionRef"):
        return ref, result
    if ext is not None:
        zeebe = ext.find("z:calledDecision", NS)
        if zeebe is not None and zeebe.get("decisionId"):
            return zeebe.get("decisionId"), zeebe.get("resultVariable")
        if spiff := bpmn.text(ext.find("s:calledDecisionId", NS)):
            return spiff, result
    return None, result


def called(node: Node) -> str | None:
    """Name the process a call activity begins."""
    ext = bpmn.extensions(node)
    zeebe = None if ext is None else ext.find("z:calledElement", NS)
    return node.get("calledElement") or (None if zeebe is None else zeebe.get("processId")) or None


def script(node: Node) -> str:
    """Give a script task's text as lines `name = FEEL`."""
    ext = bpmn.extensions(node)
    zeebe = None if ext is None else ext.find("z:script", NS)
    if zeebe is not None:
        return f"{zeebe.get('resultVariable', '')} = {formula(zeebe.get('expression', ''))}"
    written = bpmn.text(bpmn.child(node, "script"))
    result = node.get(f"{{{CAMUNDA}}}resultVariable")
    return f"{result} = {formula(written)}" if result else written
