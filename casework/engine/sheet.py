"""The pen that draws a drawing's single things on one sheet of SVG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape

from casework.engine import bpmn, diagram, glyphs, lettering, shapes
from casework.engine.bpmn import Node, attr, kind
from casework.engine.diagram import Box, Diagram, Edge, Shape
from casework.engine.shapes import LABEL_FONT, NOTE_FONT

FLOWS = {"sequenceFlow": "e", "messageFlow": "e msg", "association": "e assoc"}
STATES = frozenset({"done", "now", "late", "skip"})


def extent(laid: Diagram) -> tuple[float, float, float, float]:
    """Say which part of the plane the sheet shows: everything, with a margin."""
    things: list[Shape | Edge] = [*laid.shapes, *laid.edges]
    boxes = [s.box for s in laid.shapes] + [t.label for t in things if t.label is not None]
    xs = [v for b in boxes for v in (b.x, b.x + b.w)] + [p[0] for e in laid.edges for p in e.points]
    ys = [v for b in boxes for v in (b.y, b.y + b.h)] + [p[1] for e in laid.edges for p in e.points]
    if not xs:
        return 0.0, 0.0, 100.0, 60.0
    left, top = min(xs) - 24, min(ys) - 24
    return left, top, max(xs) + 24 - left, max(ys) + 36 - top


def markers(key: str) -> str:
    """Give the ends of flows; `key` keeps their ids apart from another picture's on the same page."""
    size = 'viewBox="0 0 10 10" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse"'
    arrow = f'{size} refX="9.5"'
    begin = f'{size} refX="1.5"'
    return (
        f'<marker id="a{key}" class="arrow" {arrow} orient="auto"><path d="M0 .8 10 5 0 9.2z"/></marker>'
        f'<marker id="t{key}" class="arrow done" {arrow} orient="auto"><path d="M0 .8 10 5 0 9.2z"/></marker>'
        f'<marker id="o{key}" class="open" {arrow} orient="auto"><path d="M.8 1 9.5 5 .8 9z"/></marker>'
        f'<marker id="c{key}" class="open" {begin} orient="auto"><circle cx="5" cy="5" r="3.5"/></marker>'
        f'<marker id="l{key}" class="line" {arrow} orient="auto"><path d="M1 1 9.5 5 1 9"/></marker>'
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn: things by id, their states, notes, names, the flows taken; whether ids are told."""

    things: Mapping[str, Node]
    states: Mapping[str, str]
    notes: Mapping[str, str]
    flows: frozenset[str]
    names: Mapping[str, str]
    ids: bool = True

    def shape(self, shape: Shape) -> str:
        """Draw a thing that has a place, with its state."""
        node = self.things[shape.id]
        state = self.states.get(shape.id, "wait")
        css = f"n {state if state in STATES else 'wait'}"
        place = ""
        if kind(node) in bpmn.ACTIVITIES:  # equal steps are written in equal words: the page stays light
            place = f' transform="translate({shape.box.x:g} {shape.box.y:g})"'
            shape = replace(shape, box=replace(shape.box, x=0, y=0))
        body = shapes.draw(shape, node, self.names.get(shape.id, ""), self.notes.get(shape.id, ""))
        hint = " ".join(self.names.get(shape.id, "").split())
        told = f"<title>{escape(hint)}</title>" if hint and self.ids else ""
        body += self._badge(shape, node, state)
        named = f' data-element="{escape(shape.id)}"' if self.ids else ""
        if self.ids and state in {"now", "late"}:  # a link on the page leads to where the case is
            named += f' id="at-{escape(shape.id)}"'
        return f'<g class="{css}"{named}{place}>{told}{body}</g>'

    def _badge(self, shape: Shape, node: Node, state: str) -> str:
        if state not in glyphs.BADGES or (state == "done" and kind(node) not in bpmn.ACTIVITIES):
            return ""
        box = shape.box
        inset = 5 if kind(node) in bpmn.ACTIVITIES else 0
        return glyphs.sign((box.x + box.w - inset, box.y + (1 if inset else 0)), glyphs.BADGES[state])

    def edge(self, edge: Edge) -> str:
        """Draw a flow."""
        node = self.things[edge.id]
        taken = edge.id in self.flows
        css = FLOWS.get(kind(node), "e assoc") + (" done" if taken else "")
        ends = {"e": f' marker-end="url(#{"t" if taken else "a"}@key@)"'}
        ends["e msg"] = ' marker-start="url(#c@key@)" marker-end="url(#o@key@)"'
        end = ends.get(FLOWS.get(kind(node), ""), "")
        if kind(node).startswith("data") or attr(node, "associationDirection") in ("One", "Both"):
            end = ' marker-end="url(#l@key@)"'
        points = " ".join(f"{x:g},{y:g}" for x, y in edge.points)
        return f'<polyline class="{css}" points="{points}"{end}/>{self._start(edge, node)}'

    def _start(self, edge: Edge, node: Node) -> str:
        """Mark a default flow with a stroke, a conditional one out of a task with a diamond."""
        source = self.things.get(attr(node, "sourceRef"))
        if kind(node) != "sequenceFlow" or source is None:
            return ""
        (x, y), (tx, ty) = edge.points[:2]
        far = max(1.0, ((tx - x) ** 2 + (ty - y) ** 2) ** 0.5)
        ux, uy = (tx - x) / far, (ty - y) / far
        if attr(source, "default") == edge.id:
            cx, cy = x + ux * 11, y + uy * 11
            a, b = (cx - ux * 3 - uy * 5, cy - uy * 3 + ux * 5), (cx + ux * 3 + uy * 5, cy + uy * 3 - ux * 5)
            return f'<path class="m" d="M{a[0]:.5g} {a[1]:.5g}L{b[0]:.5g} {b[1]:.5g}"/>'
        if kind(source) in bpmn.ACTIVITIES and bpmn.child(node, "conditionExpression") is not None:
            p = [(x, y), (x + ux * 7 - uy * 4, y + uy * 7 + ux * 4), (x + ux * 14, y + uy * 14),
                 (x + ux * 7 + uy * 4, y + uy * 7 - ux * 4)]  # fmt: skip
            return f'<path class="dia" d="M{"L".join(f"{a:.5g} {b:.5g}" for a, b in p)}z"/>'
        return ""

    def label(self, thing: Edge | Shape) -> str:
        """Write the name that stands beside a flow, an event, a gateway or a piece of data."""
        node, name = self.things[thing.id], self.names.get(thing.id, "")
        if isinstance(thing, Edge):
            return self._flow_label(thing, name)
        if kind(node) not in bpmn.EVENTS | bpmn.GATEWAYS and not kind(node).startswith("data"):
            return ""
        note = lettering.wrap(self.notes.get(thing.id, ""), 12)
        return _beside(thing, _lines(name, _room(thing.label)), note, kind(node) in bpmn.GATEWAYS)

    def _flow_label(self, edge: Edge, name: str) -> str:
        lines = _lines(name, _room(edge.label))
        if edge.label is not None:
            return lettering.text(edge.label.middle[0], edge.label.y + LABEL_FONT, lines, "el", LABEL_FONT)
        (x, y), level = diagram.middle(edge.points)
        if level:
            return lettering.text(
                x, y - 6 - (len(lines) - 1) * LABEL_FONT * lettering.LEADING, lines, "el", LABEL_FONT
            )
        return lettering.text(x + 7, y, lines, "el left", LABEL_FONT)


def _room(label: Box | None) -> float:
    return 90.0 if label is None else max(label.w, 90.0)


def _lines(name: str, room: float) -> tuple[str, ...]:
    """Break a name that stands in the open: wider, up to twice, before a word is parted or left out."""
    rooms = [room * more / LABEL_FONT for more in (1.0, 1.25, 1.5, 2.0)]
    return lettering.wrap(name, next((r for r in rooms if lettering.fits(name, r)), rooms[-1]))


def _beside(shape: Shape, lines: tuple[str, ...], note: tuple[str, ...], above: bool) -> str:
    """Write under an event or over a gateway, or where the drafter put it."""
    height = len(lines) * LABEL_FONT * lettering.LEADING
    if shape.label is not None:
        x, y = shape.label.middle[0], shape.label.y + LABEL_FONT
        if shape.label.middle[1] < shape.box.y:  # over it: more lines than the drafter had go up, not into it
            y = min(y, shape.box.y - height + LABEL_FONT - 3)
    elif above:
        x, y = shape.box.middle[0], shape.box.y - height + 4
    else:
        x, y = shape.box.middle[0], shape.box.y + shape.box.h + LABEL_FONT + 4
    under = y + height if not above or shape.label is not None else shape.box.y + shape.box.h + LABEL_FONT + 2
    return lettering.text(x, y, lines, "el", LABEL_FONT) + lettering.text(x, under, note, "note", NOTE_FONT)
