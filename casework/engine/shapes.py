"""How each kind of thing looks: pools and lanes, activities, events, gateways, data, groups, annotations."""

from __future__ import annotations

from casework.engine import bpmn, glyphs, lettering
from casework.engine.bpmn import Node, attr, kind
from casework.engine.diagram import Box, Point, Shape

TASK_FONT, LABEL_FONT, BAND_FONT, NOTE_FONT = 13.0, 12.0, 13.0, 11.5
#: A task's name is written smaller before a word is parted or left out.
TASK_SIZES = ((TASK_FONT, "t"), (11.0, "t small"), (9.5, "t tiny"))
BAND = 30.0  # width of a pool's or lane's name


def draw(shape: Shape, node: Node, name: str, note: str) -> str:
    """Draw one thing with what is written inside it."""
    return SHAPES.get(kind(node), _data)(shape, node, name, note)


def _rect(box: Box, css: str, radius: float = 0) -> str:
    corner = f' rx="{radius:g}"' if radius else ""
    return f'<rect class="{css}" x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}"{corner}/>'


def _activity(shape: Shape, node: Node, name: str, note: str) -> str:
    box, what = shape.box, kind(node)
    wide = what in bpmn.CONTAINERS and shape.expanded
    css = "box" + (" call" if what == "callActivity" else "") + (" wide" if wide else "")
    css += " event" if attr(node, "triggeredByEvent") == "true" else ""
    out = [_rect(box, css, 8)]
    if what == "transaction":
        out.append(_rect(Box(box.x + 4, box.y + 4, box.w - 8, box.h - 8), "m", 5))
    out.append(glyphs.sign((box.x + 15, box.y + 15), glyphs.TASKS.get(what, "")))
    signs = _signs(node, shape)
    for i, mark in enumerate(signs):
        at = (box.middle[0] + (i - (len(signs) - 1) / 2) * 18, box.y + box.h - 11)
        out.append(glyphs.sign(at, glyphs.MARKERS[mark]))
    if not wide:
        bottom = bool(signs) or shape.sat_on
        return "".join(out) + _inside(box, name, note, top=what in glyphs.TASKS, bottom=bottom)
    lines = lettering.wrap(name, (box.w - 24) / TASK_FONT, 1)
    after = box.x + 22 + lettering.width("".join(lines)) * TASK_FONT
    out.append(lettering.text(box.x + 12, box.y + 20, lines, "left", TASK_FONT))
    out.append(lettering.text(after, box.y + 20, (note,) if note else (), "note left", NOTE_FONT))
    return "".join(out)


def _inside(box: Box, label: str, note: str, *, top: bool, bottom: bool) -> str:
    """Write name and note in the middle of a task, clear of its signs and of what sits on its edge."""
    below = lettering.wrap(note, (box.w - 10) / NOTE_FONT, 1)
    under = len(below) * NOTE_FONT * lettering.LEADING
    floor = box.h - (19 if bottom else 4) - under
    font, css, most = _size(label, box.w - 14, [floor - 24, floor - 4] if top else [floor - 4])
    lines = lettering.wrap(label, (box.w - 14) / font, most)
    height = len(lines) * font * lettering.LEADING
    y = (box.h - height - under) / 2 - (7 if bottom else 0)
    if top and _meets(lines, font, box.w):
        y = min(max(y, 25), max(floor - height, 2))
    x, y = box.middle[0], box.y + y + font * 0.98
    return lettering.text(x, y, lines, css, font) + lettering.text(x, y + height, below, "note", NOTE_FONT)


def _meets(lines: tuple[str, ...], font: float, wide: float) -> bool:
    """Whether the first lines would run into the sign in the upper left corner."""
    return any(lettering.width(line) * font > wide - 52 for line in lines[:2])


def _size(label: str, wide: float, rooms: list[float]) -> tuple[float, str, int]:
    """The largest lettering in which a name goes whole into one of the heights, with its number of lines."""
    tried = [(font, css, high) for high in rooms for font, css in TASK_SIZES]
    sizes = [(font, css, max(1, int(high / (font * lettering.LEADING)))) for font, css, high in tried]
    return next((size for size in sizes if lettering.fits(label, wide / size[0], size[2])), sizes[-1])


def _signs(node: Node, shape: Shape) -> list[str]:
    found = []
    loop = bpmn.child(node, "multiInstanceLoopCharacteristics")
    if loop is not None:
        found.append("sequential" if attr(loop, "isSequential") == "true" else "parallel")
    if bpmn.child(node, "standardLoopCharacteristics") is not None:
        found.append("loop")
    if attr(node, "isForCompensation") == "true":
        found.append("compensation")
    if (kind(node) in bpmn.CONTAINERS and not shape.expanded) or kind(node) == "callActivity":
        found.append("collapsed")
    if kind(node) == "adHocSubProcess":
        found.append("adHoc")
    return found


def _event(shape: Shape, node: Node, name: str, note: str) -> str:
    (x, y), r = shape.box.middle, min(shape.box.w, shape.box.h) / 2
    what = kind(node)
    dashed = (
        " dash" if attr(node, "cancelActivity") == "false" or attr(node, "isInterrupting") == "false" else ""
    )
    css = "ev end" if what == "endEvent" else f"ev{dashed}"
    out = [f'<circle class="{css}" cx="{x:g}" cy="{y:g}" r="{r:g}"/>']
    if what not in ("startEvent", "endEvent"):
        out.append(f'<circle class="m{dashed}" cx="{x:g}" cy="{y:g}" r="{max(r - 3.5, 1):g}"/>')
    parts = [kind(d).removesuffix("EventDefinition") for d in bpmn.event_definitions(node)]
    throws = what in ("endEvent", "intermediateThrowEvent")
    if len(parts) > 1:
        parts = ["parallelMultiple" if attr(node, "parallelMultiple") == "true" else "multiple"]
    if parts == ["terminate"]:
        out.append(glyphs.sign((x, y), glyphs.TERMINATE))
    elif parts and parts[0] in glyphs.EVENTS:
        path = glyphs.EVENTS[parts[0]]
        out.append(_scaled((x, y), r, glyphs.solid(path) if throws else glyphs.line(path), parts[0], throws))
    return "".join(out)


def _scaled(at: Point, r: float, sign: str, name: str, throws: bool) -> str:
    if throws and name == "message":
        sign = glyphs.TASKS["sendTask"]
    return f'<g transform="translate({at[0]:g} {at[1]:g}) scale({r / 18:.3g})">{sign}</g>'


def _gateway(shape: Shape, node: Node, name: str, note: str) -> str:
    b, (x, y) = shape.box, shape.box.middle
    path = f"M{x:g} {b.y:g} {b.x + b.w:g} {y:g} {x:g} {b.y + b.h:g} {b.x:g} {y:g}z"
    return f'<path class="gw" d="{path}"/>{glyphs.sign((x, y), glyphs.GATEWAYS.get(kind(node), ""))}'


def _band(shape: Shape, node: Node, name: str, note: str) -> str:
    """Draw a pool or lane with its name along the left (or top) edge; a closed pool has it in the middle."""
    box, name = shape.box, " ".join(name.split())
    css = "pool" if kind(node) == "participant" else "lane"
    out = _rect(box, css)
    closed = css == "pool" and (not attr(node, "processRef") or box.h < 90)
    if closed:
        lines = lettering.wrap(name, (box.w - 20) / BAND_FONT, 2)
        return out + lettering.text(box.middle[0], box.middle[1] + 5, lines, "t", BAND_FONT)
    if not shape.horizontal:
        strip = Box(box.x, box.y, box.w, BAND)
        lines = lettering.wrap(name, (box.w - 10) / BAND_FONT, 1)
        return out + _rect(strip, "band") + lettering.text(strip.middle[0], box.y + 20, lines, "t", BAND_FONT)
    return (
        out + _rect(Box(box.x, box.y, BAND, box.h), "band") + _upright(Box(box.x, box.y, BAND, box.h), name)
    )


def _upright(box: Box, name: str) -> str:
    """Write Chinese from top to bottom, as on a spine; turn a name with Latin letters."""
    x, y = box.middle
    step = BAND_FONT * 1.22
    if name and all(ord(c) > 0x2E7F for c in name) and len(name) * step <= box.h - 8:
        top = y - len(name) * step / 2 + BAND_FONT * 0.98
        return lettering.text(x, top, tuple(name), "t", step / lettering.LEADING)
    lines = lettering.wrap(name, (box.h - 8) / BAND_FONT, 2 if box.w > 28 else 1)
    font = BAND_FONT if len(lines) < 2 else 11.0
    first = y + font * 0.36 - (len(lines) - 1) * font * lettering.LEADING / 2
    turned = lettering.text(x, first, lines, "t" if len(lines) < 2 else "t small", font)
    return f'<g transform="rotate(-90 {x:g} {y:g})">{turned}</g>'


def _group(shape: Shape, node: Node, name: str, note: str) -> str:
    return _rect(shape.box, "group", 8)


def _annotation(shape: Shape, node: Node, name: str, note: str) -> str:
    b = shape.box
    bracket = f'<path class="m" d="M{b.x + 12:g} {b.y:g}H{b.x:g}V{b.y + b.h:g}H{b.x + 12:g}"/>'
    lines = lettering.wrap(bpmn.text(bpmn.child(node, "text")), max(b.w - 12, 60) / LABEL_FONT, 8)
    height = len(lines) * LABEL_FONT * lettering.LEADING
    return bracket + lettering.text(
        b.x + 8, b.middle[1] - height / 2 + LABEL_FONT, lines, "el left", LABEL_FONT
    )


def _data(shape: Shape, node: Node, name: str, note: str) -> str:
    b, fold = shape.box, min(shape.box.w, shape.box.h) * 0.28
    path = f"M{b.x:g} {b.y:g}h{b.w - fold:g}l{fold:g} {fold:g}v{b.h - fold:g}h{-b.w:g}z"
    return f'<path class="data" d="{path}M{b.x + b.w - fold:g} {b.y:g}v{fold:g}h{fold:g}"/>'


def _store(shape: Shape, node: Node, name: str, note: str) -> str:
    b, lid = shape.box, shape.box.h * 0.12
    round_off = f"a{b.w / 2:g} {lid:g} 0 0 0 {b.w:g} 0"
    path = f"M{b.x:g} {b.y + lid:g}v{b.h - 2 * lid:g}{round_off}v{-(b.h - 2 * lid):g}"
    back = f"a{b.w / 2:g} {lid:g} 0 0 0 {-b.w:g} 0{round_off}"
    return f'<path class="data" d="{path}{back}"/>'


SHAPES = {
    **dict.fromkeys(bpmn.ACTIVITIES, _activity),
    **dict.fromkeys(bpmn.EVENTS, _event),
    **dict.fromkeys(bpmn.GATEWAYS, _gateway),
    "participant": _band,
    "lane": _band,
    "group": _group,
    "textAnnotation": _annotation,
    "dataStoreReference": _store,
}
