"""Small BPMN drawings for the engine's tests, in the flavour of Camunda 8, and a case that is played on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import quoteattr

from casework import xml as reader
from casework.engine import drawing, flow, specs
from casework.engine.drawing import Drawing
from casework.engine.normalise import normalise

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in the office
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="defs" targetNamespace="urn:test">'
)


def doc(*parts: str) -> bytes:
    return (HEAD + "".join(parts) + "</bpmn:definitions>").encode()


def process(flows: str, *nodes: str, key: str = "P", lanes: Mapping[str, str] | None = None) -> str:
    """Draw a process. Flows: "s>a; a>g; g>b: ok = true"; their ids are s_a, a_g, g_b."""
    written = "".join(
        f'<bpmn:lane id="lane{i}" name={quoteattr(name)}>'
        + "".join(f"<bpmn:flowNodeRef>{ref}</bpmn:flowNodeRef>" for ref in refs.split())
        + "</bpmn:lane>"
        for i, (name, refs) in enumerate((lanes or {}).items())
    )
    lane_set = f'<bpmn:laneSet id="{key}_lanes">{written}</bpmn:laneSet>' if written else ""
    return f'<bpmn:process id="{key}" isExecutable="true">{lane_set}{"".join(nodes)}{edges(flows)}</bpmn:process>'


def edges(flows: str) -> str:
    out = []
    for one in filter(None, (part.strip() for part in flows.split(";"))):
        ends, _, condition = one.partition(":")
        source, target = ends.strip().split(">")
        inner = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={escape(condition.strip())}</bpmn:conditionExpression>'
            if condition
            else ""
        )
        out.append(
            f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
    return "".join(out)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def node(kind: str, key: str, inner: str = "", **attributes: str) -> str:
    """Draw any element. A part that belongs among the extensions begins with "<zeebe:"."""
    given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{kind} id="{key}" name="{key}"{given}>{inner}</bpmn:{kind}>'


def ext(*parts: str) -> str:
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>"


def start(key: str = "s", inner: str = "") -> str:
    return node("startEvent", key, inner)


def end(key: str = "e", inner: str = "") -> str:
    return node("endEvent", key, inner)


def user(key: str, *parts: str, loop: str = "", due: str = "", groups: str = "", assignee: str = "") -> str:
    schedule = f"<zeebe:taskSchedule dueDate={quoteattr(due)}/>" if due else ""
    who = "".join(
        f" {label}={quoteattr(value)}"
        for label, value in (("candidateGroups", groups), ("assignee", assignee))
        if value
    )
    whom = f"<zeebe:assignmentDefinition{who}/>" if who else ""
    form = f'<zeebe:formDefinition formId="{key}"/>'
    return node("userTask", key, ext("<zeebe:userTask/>", form, schedule, whom, *parts) + loop)


def effect(
    key: str,
    kind: str,
    *,
    inputs: Mapping[str, str] = {},
    outputs: Mapping[str, str] = {},
    loop: str = "",
    **headers: str,
) -> str:
    head = "".join(f"<zeebe:header key={quoteattr(k)} value={quoteattr(v)}/>" for k, v in headers.items())
    parts = [
        f"<zeebe:taskDefinition type={quoteattr(kind)}/>",
        f"<zeebe:taskHeaders>{head}</zeebe:taskHeaders>",
    ]
    return node("serviceTask", key, ext(*parts, mapping(inputs, outputs)) + loop)


def mapping(inputs: Mapping[str, str] = {}, outputs: Mapping[str, str] = {}) -> str:
    rows = [("input", k, v) for k, v in inputs.items()] + [("output", k, v) for k, v in outputs.items()]
    inner = "".join(f"<zeebe:{tag} source={quoteattr('=' + v)} target={quoteattr(k)}/>" for tag, k, v in rows)
    return f"<zeebe:ioMapping>{inner}</zeebe:ioMapping>" if rows else ""


def script(key: str, variable: str, text: str) -> str:
    return node(
        "scriptTask",
        key,
        ext(f"<zeebe:script expression={quoteattr('=' + text)} resultVariable={quoteattr(variable)}/>"),
    )


def rule(key: str, decision: str, variable: str) -> str:
    return node(
        "businessRuleTask",
        key,
        ext(f"<zeebe:calledDecision decisionId={quoteattr(decision)} resultVariable={quoteattr(variable)}/>"),
    )


def xor(key: str, default: str = "") -> str:
    return node("exclusiveGateway", key, **({"default": default} if default else {}))


def parallel(key: str) -> str:
    return node("parallelGateway", key)


def inclusive(key: str, default: str = "") -> str:
    return node("inclusiveGateway", key, **({"default": default} if default else {}))


def event_gateway(key: str) -> str:
    return node("eventBasedGateway", key)


def multi(
    collection: str = "parties", item: str = "party", out: str = "opinions", out_item: str = "opinion",
    condition: str = "", *, sequential: bool = False,
) -> str:  # fmt: skip
    given = {"inputCollection": collection and f"={collection}", "inputElement": item,
             "outputCollection": out, "outputElement": out_item and f"={out_item}"}  # fmt: skip
    attributes = "".join(f" {k}={quoteattr(v)}" for k, v in given.items() if v)
    done = f"<bpmn:completionCondition>={escape(condition)}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"{ext(f'<zeebe:loopCharacteristics{attributes}/>')}{done}</bpmn:multiInstanceLoopCharacteristics>"
    )


def sub(key: str, flows: str, *nodes: str, loop: str = "", kind: str = "subProcess") -> str:
    return node(kind, key, loop + "".join(nodes) + edges(flows))


def call(key: str, called: str, loop: str = "") -> str:
    return node("callActivity", key, ext(f'<zeebe:calledElement processId="{called}"/>') + loop)


def timer(kind: str, text: str) -> str:
    tag = {"duration": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}[kind]
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{escape(text)}</bpmn:{tag}></bpmn:timerEventDefinition>"


def message(name: str, correlation: str = "") -> str:
    """Declare a message; its id is the name with "msg_" before it."""
    inner = ext(f"<zeebe:subscription correlationKey={quoteattr('=' + correlation)}/>") if correlation else ""
    return f'<bpmn:message id="msg_{name}" name="{name}">{inner}</bpmn:message>'


def on_message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="msg_{name}"/>'


def boundary(key: str, host: str, inner: str, *, interrupting: bool = True) -> str:
    return node("boundaryEvent", key, inner, attachedToRef=host, cancelActivity=str(interrupting).lower())


def catch(key: str, inner: str) -> str:
    return node("intermediateCatchEvent", key, inner)


def throw(key: str, inner: str) -> str:
    return node("intermediateThrowEvent", key, inner)


def nothing(effect: flow.Effect, variables: Mapping[str, Any]) -> None:
    """Carry out nothing."""


@dataclass
class Case:
    """A case that is played: what it is given stays, where it stands changes with every act."""

    drawing: Drawing
    carry_out: Callable[..., Any] = nothing
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    now: datetime = NOW
    at: flow.Position = None  # type: ignore[assignment]

    def _given(self) -> dict[str, Any]:
        return {"now": self.now, "carry_out": self.carry_out, "functions": self.functions}

    def begin(self, **variables: Any) -> Case:
        self.at = flow.begin(self.drawing, variables, **self._given())
        return self

    def do(self, element: str, index: int | None = None, **answers: Any) -> Case:
        """Complete the first open step at this element (of this instance)."""
        task = next(t for t in self.at.tasks if t.element == element and index in {None, t.index})
        return self.complete(task.token, **answers)

    def complete(self, token: str, **answers: Any) -> Case:
        self.at = flow.advance(
            self.drawing, self.at.state, self.at.variables, token, answers, **self._given()
        )
        return self

    def tell(self, name: str, correlation: str | None = None, **payload: Any) -> Case:
        self.at = flow.tell(
            self.drawing,
            self.at.state,
            self.at.variables,
            name,
            payload,
            correlation=correlation,
            **self._given(),
        )
        return self

    def later(self, **how: float) -> Case:
        """Let time pass and the worker look."""
        self.now += timedelta(**how)
        self.at = flow.tick(self.drawing, self.at.state, self.at.variables, **self._given())
        return self

    def set_due(self, dues: Mapping[str, datetime]) -> Case:
        self.at = flow.set_due(self.drawing, self.at.state, self.at.variables, dues, **self._given())
        return self

    def retry(self) -> Case:
        self.at = flow.retry(self.drawing, self.at.state, self.at.variables, **self._given())
        return self

    def withdraw(self) -> Case:
        self.at = flow.withdraw(self.drawing, self.at.state, self.at.variables, **self._given())
        return self

    @property
    def open(self) -> list[str]:
        return sorted(task.element for task in self.at.tasks)

    def was(self, how: str) -> list[str]:
        return [one.element for one in self.at.passed if one.how == how]


def case(
    xml: bytes,
    carry_out: Callable[..., Any] = nothing,
    *,
    called: Sequence[bytes] = (),
    decisions: Sequence[Any] = (),
    **functions: Callable[..., Any],
) -> Case:
    """Open a drawing; the short answers the tests give are kept."""
    return Case(open_drawing(xml, called=called, decisions=decisions), carry_out, functions)


KEEP = frozenset({"rejected", "kinds", "note", "a", "b", "c", "n"})


def open_drawing(xml: bytes, **more: Any) -> Drawing:
    return drawing.open(xml, **{"keep": KEEP, **more})


@dataclass(frozen=True)
class Unchecked:
    """A drawing without its lint: what the engine does with what the lint would refuse."""

    spec: specs.Specs
    keeps: frozenset[str] = KEEP
    decisions: Mapping[str, Any] = field(default_factory=dict)


def unchecked(xml: bytes, carry_out: Callable[..., Any] = nothing, **functions: Callable[..., Any]) -> Case:
    plan = Unchecked(specs.build(normalise(reader.read(xml)), "P"))
    return Case(plan, carry_out, functions)  # type: ignore[arg-type]


def mended(one: Case, **variables: Any) -> Case:
    """The administrator corrects the variables and tries again."""
    one.at.variables.update(variables)
    return one.retry()


def the_incident(one: Case) -> flow.Incident:
    assert len(one.at.incidents) == 1
    found = one.at.incidents[0]
    assert found.zh
    assert found.en
    assert not one.at.ended
    return found
