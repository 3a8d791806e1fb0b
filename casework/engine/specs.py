"""Builds SpiffWorkflow specs from a normalised drawing, once per version; cases share them read-only.

SpiffWorkflow's own parser is not used: it recurses along the flows (a chain of 500 elements ends it),
loops for ever on a data object two subprocesses deep (B13), and gives neither lines nor flow ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from casework.engine import bpmn, dialects, elements, expressions, feel
from casework.engine.bpmn import NS, Node, attr, kind
from casework.engine.elements import Element, Loop
from casework.engine.events import BoundaryEvent, Catching, EndEvent, StartEvent, Throwing, Trigger
from casework.engine.findings import Finding
from casework.engine.gateways import EventGateway, ExclusiveGateway
from casework.engine.joins import InclusiveGateway, Join, ParallelGateway
from casework.engine.rounds import MultiInstance, StandardLoop
from casework.engine.script import Formula, either, formula
from casework.engine.steps import Flow, RoomSpec, Step
from casework.engine.tasks import EffectTask, PersonTask, RuleTask, ScriptTask, SubProcess

KINDS: dict[str, type[Step]] = {
    "userTask": PersonTask, "manualTask": PersonTask, "task": PersonTask,
    "serviceTask": EffectTask, "businessRuleTask": RuleTask, "scriptTask": ScriptTask,
    "sendTask": Throwing, "receiveTask": Catching,
    "subProcess": SubProcess, "transaction": SubProcess, "callActivity": SubProcess,
    "exclusiveGateway": ExclusiveGateway, "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway, "eventBasedGateway": EventGateway,
    "startEvent": StartEvent, "endEvent": EndEvent, "boundaryEvent": BoundaryEvent,
    "intermediateThrowEvent": Throwing, "intermediateCatchEvent": Catching,
}  # fmt: skip
TRIGGERS = frozenset({"timer", "message", "signal", "error", "escalation", "cancel", "terminate"})
TIMES = ("b:timeDate", "b:timeDuration", "b:timeCycle")


@dataclass(frozen=True, slots=True)
class Specs:
    """A drawing ready to run: the process, and by name the subprocesses and called processes in it."""

    main: RoomSpec
    subprocesses: Mapping[str, RoomSpec]

    def awaited(self) -> dict[str, Element]:
        """The messages this waits for: each with the first event, in the order of the file, that does."""
        found: dict[str, Element] = {}
        for room in (self.main, *self.subprocesses.values()):
            for step in room.task_specs.values():
                if isinstance(step, Catching | BoundaryEvent) and step.trigger.kind == "message":
                    found.setdefault(step.trigger.name or "", step.element)
        return found


class Unbuildable(ValueError):
    """The drawing cannot be carried out; `finding` says where and why."""

    def __init__(self, node: Node, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.finding = Finding(bpmn.line(node), attr(node, "id"), "unbuildable", "error", zh, en)


def build(tree: Node, process: str, called: Iterable[Node] = ()) -> Specs:
    """Build the specs of a process and of all it calls, from normalised trees. Raises Unbuildable."""
    builder = _Builder([tree, *called])
    main = builder.process(process, tree)
    while builder.todo:
        name, node = builder.todo.pop()
        if name not in builder.rooms:
            builder.rooms[name] = builder.room(name, node)
    return Specs(main, MappingProxyType(builder.rooms))


class _Builder:
    """One reading of a drawing and the files it calls."""

    def __init__(self, trees: list[Node]) -> None:
        self.rooms: dict[str, RoomSpec] = {}
        self.todo: list[tuple[str, Node]] = []
        self.processes: dict[str, tuple[Node, Mapping[str, Element]]] = {}
        for tree in trees:
            found = elements.read(tree)
            for node in bpmn.children(tree, "process"):
                self.processes.setdefault(attr(node, "id"), (node, found))
        self.elements: Mapping[str, Element] = {}

    def process(self, name: str, near: Node) -> RoomSpec:
        if name not in self.processes:
            raise Unbuildable(
                near, f"流程“{name}”不在所给文件中。", f"The process “{name}” is in none of the files."
            )
        return self.room(name, self.processes[name][0])

    def room(self, name: str, node: Node) -> RoomSpec:
        """Build one process or subprocess."""
        self.elements = self.processes[bpmn.process_of(node)][1]
        room = RoomSpec(name)
        nodes = {attr(part, "id"): part for part in bpmn.flow_nodes(node)}
        steps = {key: self._step(room, part) for key, part in nodes.items() if _takes_part(part)}
        for key, step in steps.items():
            if isinstance(step, BoundaryEvent):
                host = steps.get(step.element.attached or "")
                if host is None:
                    raise Unbuildable(
                        nodes[key], "边界事件所附着的活动不存在。", "The boundary event sits on nothing."
                    )
                host.boundaries = (*host.boundaries, step)
        self._connect(node, nodes, steps)
        room.starts = tuple(step for step in steps.values() if isinstance(step, StartEvent))
        if not room.starts:
            raise Unbuildable(node, "流程没有开始事件。", "There is no start event.")
        for step in steps.values():
            if isinstance(step, Join):
                step.prepare(room.starts)
        return room

    def _connect(self, scope: Node, nodes: Mapping[str, Node], steps: Mapping[str, Step]) -> None:
        defaults = {attr(node, "default") for node in nodes.values()} - {""}
        arriving: dict[str, list[tuple[str, Step]]] = {}
        for node in bpmn.flows(scope):
            source, target = steps.get(attr(node, "sourceRef")), steps.get(attr(node, "targetRef"))
            if source is None or target is None:
                raise Unbuildable(
                    node, "顺序流的一端不存在。", "One end of the sequence flow does not exist."
                )
            written = bpmn.text(bpmn.child(node, "conditionExpression"))
            key = attr(node, "id")
            condition = _formula(node, written) if written else None
            source.leaving = (*source.leaving, Flow(key, target, condition, key in defaults))
            source.connect(target)
            arriving.setdefault(target.name, []).append((key, source))
        for step in steps.values():
            if isinstance(step, Join):
                step.arriving = tuple(arriving.get(step.name, ()))

    # -------- one element

    def _step(self, room: RoomSpec, node: Node) -> Step:
        element = self.elements[attr(node, "id")]
        maker = KINDS.get(element.kind)
        if maker is None:
            raise Unbuildable(node, "此类元素不能运行。", "This kind of element cannot be carried out.")
        loop, again = element.loop, bpmn.child(node, "standardLoopCharacteristics")
        repeated = loop is not None or again is not None
        step = maker(room, element, f"{element.id}*" if repeated else "")
        step.arguments = {name: _formula(node, text) for name, text in element.inputs.items()}
        step.results = {name: _formula(node, text) for name, text in element.outputs.items()}
        self._fill(step, node)
        if loop is not None:
            return _multi_instance(room, step, loop, node)
        return step if again is None else _standard_loop(room, step, again)

    def _fill(self, step: Step, node: Node) -> None:
        element = step.element
        if isinstance(step, PersonTask):
            given = {key: element.properties[key] for key in step.TEXTS if element.properties.get(key)}
            step.asks = {key: _either(node, text) for key, text in given.items()}
        elif isinstance(step, ScriptTask):
            try:
                lines = expressions.assignments(element.script or "")
            except ValueError:
                raise Unbuildable(
                    node, "脚本的每一行应为“名称 = 表达式”。", "Each line is to be: name = FEEL."
                ) from None
            step.lines = tuple((name, _formula(node, text)) for name, text in lines)
        elif isinstance(step, SubProcess):
            step.spec = self._inner(step, node)
        elif isinstance(step, Throwing | Catching):
            step.trigger = _trigger(node)

    def _inner(self, step: SubProcess, node: Node) -> str:
        if step.element.kind != "callActivity":
            step.spec = f"{step.element.process}/{step.element.id}"
            self.todo.append((step.spec, node))
            return step.spec
        name = step.element.called or ""
        if name not in self.processes:
            raise Unbuildable(
                node, f"被调用的流程“{name}”不存在。", f"The called process “{name}” is in none of the files."
            )
        self.todo.append((name, self.processes[name][0]))
        return name


def _takes_part(node: Node) -> bool:
    """Event subprocesses and compensation stand beside the flow; the lint refuses them where they matter."""
    return node.get("triggeredByEvent") != "true" and node.get("isForCompensation") != "true"


def _formula(node: Node, text: str) -> Formula:
    try:
        return formula(text)
    except feel.FeelError as error:
        raise Unbuildable(node, f"{error.zh}（{text}）", f"{error.en} ({text})") from error


def _either(node: Node, text: str) -> Formula | str:
    return _formula(node, text) if text.startswith("=") else either(text)


def _multi_instance(room: RoomSpec, body: Step, loop: Loop, node: Node) -> MultiInstance:
    whole = MultiInstance(room, body.element, body)
    if loop.collection is None and loop.cardinality is None:
        raise Unbuildable(
            node, "多实例没有写明对象或次数。", "The multi-instance names no collection or cardinality."
        )
    whole.sequential = loop.sequential
    whole.collection = _formula(node, loop.collection or loop.cardinality or "")
    whole.counted = loop.collection is None
    whole.item, whole.output = loop.item, loop.output
    whole.output_item = _formula(node, loop.output_item) if loop.output_item else None
    whole.condition = _formula(node, loop.condition) if loop.condition else None
    return whole


def _standard_loop(room: RoomSpec, body: Step, loop: Node) -> StandardLoop:
    whole = StandardLoop(room, body.element, body)
    condition = bpmn.text(bpmn.child(loop, "loopCondition"))
    whole.condition = _formula(loop, condition) if condition else None
    maximum = attr(loop, "loopMaximum")
    whole.maximum = int(maximum) if maximum.isdigit() else None
    whole.test_before = attr(loop, "testBefore") == "true"
    if whole.condition is None and whole.maximum is None:
        raise Unbuildable(
            loop, "循环没有写明条件或次数。", "The loop names neither a condition nor a maximum."
        )
    return whole


def _trigger(node: Node) -> Trigger:
    """Read what an event waits for or throws; a task that sends or receives names its message itself."""
    definitions = bpmn.event_definitions(node)
    what = kind(definitions[0]).removesuffix("EventDefinition") if definitions else "none"
    if kind(node) in {"sendTask", "receiveTask"}:
        return _named(node, node, "message")
    if what == "none":
        return Trigger()
    if len(definitions) > 1 or what not in TRIGGERS:
        raise Unbuildable(node, "此类事件不能运行。", "This kind of event cannot be carried out.")
    if what == "timer":
        return Trigger("timer", when=_when(definitions[0]))
    return _named(node, definitions[0], what)


def _when(definition: Node) -> Formula | None:
    for path in TIMES:
        part = definition.find(path, NS)
        if part is not None and bpmn.text(part):
            return _formula(definition, dialects.timer(bpmn.text(part)))
    return None


def _named(node: Node, definition: Node, what: str) -> Trigger:
    """Follow messageRef, signalRef, errorRef … to name and code; without one the element's name counts."""
    ref = attr(definition, f"{what}Ref")
    root = node.getroottree().getroot()
    found = (
        next((part for part in bpmn.children(root, what) if attr(part, "id") == ref), None) if ref else None
    )
    if found is None:
        return Trigger(what, ref or attr(node, "name") or None)
    key = found.find("b:extensionElements/z:subscription", NS)
    correlation = attr(key, "correlationKey") if key is not None else ""
    return Trigger(
        what,
        attr(found, "name") or ref,
        attr(found, "errorCode") or attr(found, "escalationCode") or None,
        correlation=_formula(node, correlation) if correlation else None,
    )
