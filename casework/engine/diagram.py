"""Where the things of a drawing lie on paper: shapes and edges, read from the file (BPMN DI)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from casework.engine import bpmn
from casework.engine.bpmn import NS, Node, attr, kind

Point = tuple[float, float]
#: Coordinates beyond this are a tool's mistake, not a place on paper.
FAR = 1e6
DRAWN_AS_BOX = bpmn.FLOW_NODES | {
    "participant", "lane", "group", "textAnnotation", "dataObjectReference", "dataStoreReference",
    "dataObject", "dataInput", "dataOutput",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; y grows downwards, as on paper."""

    x: float
    y: float
    w: float
    h: float

    @property
    def middle(self) -> Point:
        """The centre."""
        return self.x + self.w / 2, self.y + self.h / 2

    def moved(self, dx: float, dy: float) -> Box:
        """Give the same rectangle elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True, slots=True)
class Shape:
    """An element's place; `label` where its name goes, if the drafter moved it; `sat_on` by an event."""

    id: str
    box: Box
    label: Box | None = None
    expanded: bool = True
    horizontal: bool = True
    sat_on: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow's way: two points or more."""

    id: str
    points: tuple[Point, ...]
    label: Box | None = None


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything that lies on one sheet."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


def read(tree: Node) -> Diagram | None:
    """Read the first sheet that shows the drawing's steps; None when the file lays out nothing of use."""
    known = {attr(n, "id"): n for n in tree.iter() if bpmn.is_bpmn(n) and attr(n, "id")}
    for plane in tree.iterfind(".//di:BPMNPlane", NS):
        shapes = tuple(
            s for node in plane.iterfind("di:BPMNShape", NS) if (s := _shape(node, known)) is not None
        )
        if not any(kind(known[s.id]) in bpmn.FLOW_NODES for s in shapes):
            continue
        places = {s.id for s in shapes}
        if any(attr(n, "id") not in places for n in _expected(tree, shapes)):
            return None
        edges = [e for node in plane.iterfind("di:BPMNEdge", NS) if (e := _edge(node, known)) is not None]
        return Diagram(shapes, tuple(edges) + _missing(known, shapes, {e.id for e in edges}))
    return None


def _expected(tree: Node, shapes: tuple[Shape, ...]) -> list[Node]:
    """List the steps that a complete sheet shows: those of every process of which it shows any."""
    places = {s.id for s in shapes}
    shown = [
        p for p in bpmn.children(tree, "process") if any(attr(n, "id") in places for n in bpmn.flow_nodes(p))
    ]
    return [n for p in shown for n in bpmn.flow_nodes(p)]


def _shape(node: Node, known: dict[str, Node]) -> Shape | None:
    name = attr(node, "bpmnElement").rpartition(":")[2]
    box = _box(node.find("dc:Bounds", NS))
    if box is None or name not in known or kind(known[name]) not in DRAWN_AS_BOX:
        return None
    expanded = attr(node, "isExpanded") == "true" or (
        kind(known[name]) not in bpmn.CONTAINERS or (not attr(node, "isExpanded") and box.w * box.h > 20000)
    )
    label = _box(node.find("di:BPMNLabel/dc:Bounds", NS))
    return Shape(name, box, label, expanded, attr(node, "isHorizontal") != "false")


def _edge(node: Node, known: dict[str, Node]) -> Edge | None:
    name = attr(node, "bpmnElement").rpartition(":")[2]
    points = tuple(p for w in node.iterfind("dd:waypoint", NS) if (p := _point(w)) is not None)
    if name not in known or len(points) < 2:
        return None
    return Edge(name, points, _box(node.find("di:BPMNLabel/dc:Bounds", NS)))


def _missing(known: dict[str, Node], shapes: tuple[Shape, ...], drawn: set[str]) -> tuple[Edge, ...]:
    """Draw straight lines for flows that the file gives no way."""
    at = {s.id: s.box for s in shapes}
    found = []
    for name, node in known.items():
        source, target = attr(node, "sourceRef"), attr(node, "targetRef")
        flow = kind(node) in ("sequenceFlow", "messageFlow")
        if flow and name not in drawn and source in at and target in at and source != target:
            found.append(Edge(name, (border(at[source], at[target]), border(at[target], at[source]))))
    return tuple(found)


def seated(drawn: Diagram, hosts: dict[str, str]) -> Diagram:
    """Mark the steps on whose lower edge an event of `hosts` (event → step) sits: their names keep clear."""
    at = {s.id: s.box for s in drawn.shapes}
    on = {
        host
        for event, host in hosts.items()
        if event in at and host in at and at[event].middle[1] > at[host].middle[1] + at[host].h / 4
    }
    return replace(drawn, shapes=tuple(replace(s, sat_on=s.id in on) for s in drawn.shapes))


def border(box: Box, towards: Box) -> Point:
    """Give the point where the line from one box's centre to another's leaves the first."""
    (x, y), (tx, ty) = box.middle, towards.middle
    dx, dy = tx - x, ty - y
    if not dx and not dy:
        return x, y
    scale = min(box.w / 2 / abs(dx) if dx else math.inf, box.h / 2 / abs(dy) if dy else math.inf)
    return x + dx * scale, y + dy * scale


def middle(points: tuple[Point, ...]) -> tuple[Point, bool]:
    """Find where a flow's name goes: the middle of its longest part, and whether that part is level."""
    (ax, ay), (bx, by) = max(pairwise(points), key=lambda p: abs(p[0][0] - p[1][0]) + abs(p[0][1] - p[1][1]))
    return ((ax + bx) / 2, (ay + by) / 2), abs(ax - bx) >= abs(ay - by)


def _box(node: Node | None) -> Box | None:
    if node is None:
        return None
    numbers = [_number(attr(node, name)) for name in ("x", "y", "width", "height")]
    if any(n is None for n in numbers):
        return None
    x, y, w, h = (n or 0.0 for n in numbers)
    return Box(x, y, w, h) if w > 0 and h > 0 else None


def _point(node: Node) -> Point | None:
    x, y = _number(attr(node, "x")), _number(attr(node, "y"))
    return None if x is None or y is None else (x, y)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < FAR else None


def size(drawn: Diagram) -> tuple[float, float]:
    """Say how far a sheet reaches to the right and down."""
    right = max((s.box.x + s.box.w for s in drawn.shapes), default=0.0)
    low = max((s.box.y + s.box.h for s in drawn.shapes), default=0.0)
    points = [p for e in drawn.edges for p in e.points]
    return max([right, *(p[0] for p in points)]), max([low, *(p[1] for p in points)])


def moved(drawn: Diagram, dx: float, dy: float) -> Diagram:
    """Give the same sheet elsewhere."""
    shapes = tuple(
        replace(s, box=s.box.moved(dx, dy), label=s.label.moved(dx, dy) if s.label else None)
        for s in drawn.shapes
    )
    edges = tuple(
        replace(
            e,
            points=tuple((x + dx, y + dy) for x, y in e.points),
            label=e.label.moved(dx, dy) if e.label else None,
        )
        for e in drawn.edges
    )
    return Diagram(shapes, edges)
