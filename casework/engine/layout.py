"""A place on paper for drawings that have none: layers from left to right, lane under lane, pool under pool.

The same file always gives the same sheet. A flow back runs through a channel under the steps.
"""

from __future__ import annotations

from casework.engine import bpmn, diagram, layers
from casework.engine.bpmn import Node, attr, kind
from casework.engine.diagram import Box, Diagram, Edge, Point, Shape
from casework.engine.layers import CHANNEL, GAP, MARGIN, Cell

BAND = 30.0
TASK, EVENT, GATEWAY = (112.0, 80.0), (36.0, 36.0), (50.0, 50.0)


def lay(tree: Node) -> Diagram:
    """Lay out every pool of a file, one under the other, with the messages between them."""
    shapes: list[Shape] = []
    edges: list[Edge] = []
    pools = list(tree.iter(bpmn.b("participant")))
    processes = {attr(p, "id"): p for p in bpmn.children(tree, "process") if bpmn.flow_nodes(p)}
    drawn = [(pool, processes.pop(attr(pool, "processRef"), None)) for pool in pools]
    y, wide = 0.0, 400.0
    for pool, process in [*drawn, *((None, p) for p in processes.values())]:
        part = _process(process, pool) if process is not None else Diagram((), ())
        size = diagram.size(part)
        part = diagram.moved(part, 0, y)
        if process is None and pool is not None:
            part = Diagram((Shape(attr(pool, "id"), Box(0, y, wide, 60)),), ())
            size = (wide, 60)
        wide = max(wide, size[0])
        shapes += part.shapes
        edges += part.edges
        y += size[1] + 40
    at = {s.id: s.box for s in shapes}
    for flow in tree.iter(bpmn.b("messageFlow")):
        source, target = at.get(attr(flow, "sourceRef")), at.get(attr(flow, "targetRef"))
        if source is not None and target is not None:
            edges.append(
                Edge(attr(flow, "id"), (diagram.border(source, target), diagram.border(target, source)))
            )
    return Diagram(tuple(shapes), tuple(edges))


def _process(process: Node, pool: Node | None) -> Diagram:
    """Lay out one process with its lanes, and its pool around them."""
    lanes = [
        lane for lane in process.iter(bpmn.b("lane")) if any(True for _ in bpmn.children(lane, "flowNodeRef"))
    ]
    home = {bpmn.text(r): i for i, lane in enumerate(lanes) for r in bpmn.children(lane, "flowNodeRef")}
    inner, heights, width = _scope(process, home, max(1, len(lanes)))
    left = BAND * ((1 if pool is not None else 0) + (1 if lanes else 0))
    shapes = []
    if pool is not None:
        shapes.append(Shape(attr(pool, "id"), Box(0, 0, width + left, sum(heights))))
    for i, lane in enumerate(lanes):
        box = Box(left - BAND, sum(heights[:i]), width + BAND, heights[i])
        shapes.append(Shape(attr(lane, "id"), box))
    moved = diagram.moved(inner, left, 0)
    return Diagram((*shapes, *moved.shapes), moved.edges)


def _scope(scope: Node, home: dict[str, int], lanes: int) -> tuple[Diagram, list[float], float]:
    """Lay out the steps of a process or subprocess; also say how high each lane and how wide all is."""
    nodes = {attr(n, "id"): n for n in bpmn.flow_nodes(scope)}
    cells = {name: _cell(node, home) for name, node in nodes.items() if kind(node) != "boundaryEvent"}
    host = {n: attr(e, "attachedToRef") for n, e in nodes.items() if attr(e, "attachedToRef") in cells}
    begins = cells.keys() | host.keys()
    flows = [f for f in bpmn.flows(scope) if attr(f, "sourceRef") in begins and attr(f, "targetRef") in cells]
    links = [(host.get(attr(f, "sourceRef"), attr(f, "sourceRef")), attr(f, "targetRef")) for f in flows]
    straight = {attr(f, "targetRef") for f in flows if attr(f, "sourceRef") not in host}
    for cell in cells.values():
        cell.aside = cell.id not in straight
    back = layers.columns(cells, links)
    layers.settle(cells, [link for link in links if link not in back], home)
    long = layers.reserve(cells, [link for link in links if link not in back])
    rows = layers.rows(cells, links, lanes)
    channels = sum(
        1
        for f in flows
        if (host.get(attr(f, "sourceRef"), attr(f, "sourceRef")), attr(f, "targetRef")) in back
    )
    heights, width = layers.places(cells, rows, channels)
    shapes = [s for cell in cells.values() if cell.id in nodes for s in _shapes(cell)]
    shapes += _boundaries(host, cells)
    at = {s.id: s.box for s in shapes}
    edges = [e for cell in cells.values() if cell.inner is not None for e in _inside(cell)]
    bottom = sum(heights) - MARGIN / 2
    tracks = layers.tracks(cells)
    drop = {name: list(host).index(name) % 4 for name in host}
    for flow in flows:
        source, target = attr(flow, "sourceRef"), attr(flow, "targetRef")
        link = (host.get(source, source), target)
        into = cells[target].left - tracks[target]
        if link in back:
            bottom -= CHANNEL
            way = _around(at[source], at[target], bottom, into, source in host)
        else:
            via = [
                (cells[name].left - tracks[target], cells[name].box.middle[1]) for name in long.get(link, ())
            ]
            turns = [*via, (into, at[target].middle[1])]
            way = _along(at[source], at[target], turns, 14 + 8 * drop.get(source, 0) if source in host else 0)
        edges.append(Edge(attr(flow, "id"), way))
    return Diagram(tuple(shapes), tuple(edges)), heights, width


def _cell(node: Node, home: dict[str, int]) -> Cell:
    name, what = attr(node, "id"), kind(node)
    w, h = EVENT if what in bpmn.EVENTS else GATEWAY if what in bpmn.GATEWAYS else TASK
    inner = None
    if what in bpmn.CONTAINERS and bpmn.flow_nodes(node):
        inner, heights, width = _scope(node, {}, 1)
        w, h = max(width, TASK[0]), sum(heights) + 24
    return Cell(name, home.get(name, 0), w, h, inner=inner)


def _shapes(cell: Cell) -> list[Shape]:
    inner = () if cell.inner is None else diagram.moved(cell.inner, cell.box.x, cell.box.y + 24).shapes
    return [Shape(cell.id, cell.box), *inner]


def _inside(cell: Cell) -> tuple[Edge, ...]:
    return () if cell.inner is None else diagram.moved(cell.inner, cell.box.x, cell.box.y + 24).edges


def _boundaries(host: dict[str, str], cells: dict[str, Cell]) -> list[Shape]:
    """Set boundary events along the lower edge of their activity: right, left, then between."""
    used: dict[str, int] = {}
    found = []
    for name, on in host.items():
        box, number = cells[on].box, used.get(on, 0)
        used[on] = number + 1
        step = (number + 1) // 2 * 40.0
        x = box.x + 4 + step - 40 if number % 2 else box.x + box.w - 40 - step
        spot = Box(x, box.y + box.h - 18, *EVENT)
        label = Box(x - 62 if number % 2 else x + 38, spot.y + 22, 60, 14)
        found.append(Shape(name, spot, label))
    return found


def _along(source: Box, target: Box, turns: list[Point], below: float) -> tuple[Point, ...]:
    """Lead a flow forward: level, with one step in the gap before each column where the row changes."""
    x, y = (source.middle[0], source.y + source.h) if below else (source.x + source.w, source.middle[1])
    points: list[Point] = [(x, y)]
    if below:
        y += below
        points.append((x, y))
    for gap, row in turns:
        if abs(row - y) > 0.5:
            turn = max(gap, points[-1][0])
            points += [(turn, y), (turn, row)]
            y = row
    return (*points, (target.x, target.middle[1]))


def _around(source: Box, target: Box, channel: float, into: float, below: bool) -> tuple[Point, ...]:
    """Lead a flow back: out at the right, through the channel under the steps, in from the left."""
    out = source.x + source.w + GAP / 4
    start = (source.middle[0], source.y + source.h) if below else (source.x + source.w, source.middle[1])
    first = [start, (start[0], channel)] if below else [start, (out, start[1]), (out, channel)]
    return (*first, (into, channel), (into, target.middle[1]), (target.x, target.middle[1]))
