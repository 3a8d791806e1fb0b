"""A drawing as SVG, hand-laid or laid out by us, with its states and the way the case came.

Only classes, no style and no script; the look is the section "picture" of the stylesheet. States are also
signs and stroke widths, so that they survive a grey printer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import blake2s
from html import escape

from casework import xml
from casework.engine import bpmn, diagram, layout, sheet
from casework.engine.bpmn import Node, attr, kind
from casework.engine.diagram import Diagram, Shape
from casework.engine.repair import repair

STATES = {
    "zh": {"done": "已办", "now": "办理中", "late": "办理中，已逾期", "skip": "未经过", "wait": "未开始"},
    "en": {"done": "done", "now": "in progress", "late": "overdue", "skip": "not taken", "wait": "not begun"},
}
TITLES = {"zh": "流程图", "en": "Flow diagram"}
#: Marks between a step and its state in the description.
JOINTS = {"zh": ("：", "；", "（", "）"), "en": (": ", "; ", " (", ")")}
#: Exchanges between parties, and the steps they are drawn as.
CHOREOGRAPHIES = {
    "choreography": "process",
    "choreographyTask": "task",
    "subChoreography": "subProcess",
    "callChoreography": "callActivity",
}
#: What lies under what.
ORDER = ("participant", "lane", "group", "container", "edge", "node", "boundaryEvent", "textAnnotation")


def svg(
    data: bytes,
    *,
    states: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
    flows: Collection[str] = (),
    title: str = "",
    lang: str = "zh",
    names: Mapping[str, str] | None = None,
    say: Callable[[str], str] = str,
    style: str = "",
    ids: bool = True,
) -> str:
    """Draw a file. `states`: element → done, now, late, skip; `notes`: a second line such as "2 天".

    `flows`: ids of the flows taken; `names`: labels by id that replace the file's own; `say`: translates
    the others; `style`: a stylesheet to go with it, for a file that stands alone; `ids`: whether each group
    names its element (`data-element`, a hint), a tenth of the weight on a page that only shows it.
    Raises `casework.xml.Unreadable` when the bytes are no XML or hold no drawing.
    """
    tree = xml.read(data)
    if wrong := bpmn.foreign(tree):
        raise xml.Unreadable(bpmn.line(tree), *wrong)
    _choreographies(repair(tree))
    things = {attr(n, "id"): n for n in tree.iter() if bpmn.is_bpmn(n) and attr(n, "id")}
    hosts = {name: attr(n, "attachedToRef") for name, n in things.items() if kind(n) == "boundaryEvent"}
    laid = diagram.seated(diagram.read(tree) or layout.lay(tree), hosts)
    words = STATES.get(lang, STATES["en"])
    said = {**{i: say(attr(n, "name")) for i, n in things.items()}, **(names or {})}
    page = sheet.Sheet(things, dict(states or {}), dict(notes or {}), frozenset(flows), said, ids)
    heading = title or _name(tree, said) or TITLES.get(lang, TITLES["en"])
    body = "".join(_body(laid, page))
    key = blake2s((heading + body).encode(), digest_size=4).hexdigest()
    told = _told(things, page, words, lang)
    head = f'<title id="p{key}-t">{escape(heading)}</title><desc id="p{key}-d">{escape(told)}</desc>'
    alone = f' lang="{lang}"' if style else ""
    head += f"<style>{escape(style, quote=False)}</style>" if style else ""
    x, y, w, h = sheet.extent(laid)
    place = f'viewBox="{x:g} {y:g} {w:g} {h:g}" width="{w:g}" height="{h:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture"{alone} {place} role="img"'
        f' aria-labelledby="p{key}-t p{key}-d">{head}<defs>{sheet.markers(key)}</defs>'
        f'<g id="p{key}" class="picture">{body.replace("@key@", key)}</g></svg>'
    )


def _choreographies(tree: Node) -> None:
    """Draw the exchanges of a choreography as the steps of a process; their parties are its pools."""
    for node in tree.iter():
        if bpmn.is_bpmn(node) and kind(node) in CHOREOGRAPHIES:
            node.tag = bpmn.b(CHOREOGRAPHIES[kind(node)])


def _name(tree: Node, said: Mapping[str, str]) -> str:
    process = bpmn.child(tree, "process")
    return "" if process is None else said.get(attr(process, "id"), "")


def _body(laid: Diagram, page: sheet.Sheet) -> Iterable[str]:
    drawn: list[tuple[tuple[int, float], str]] = []
    seen: set[str] = set()
    for shape in laid.shapes:
        if shape.id in page.things and shape.id not in seen:
            seen.add(shape.id)
            drawn.append((_rank(shape, page), page.shape(shape)))
    for edge in laid.edges:
        if edge.id in page.things:
            taken = edge.id in page.flows
            drawn.append(((ORDER.index("edge"), 1 if taken else 0), page.edge(edge)))
    labels = [page.label(edge) for edge in laid.edges if edge.id in page.things]
    labels += [page.label(shape) for shape in laid.shapes if shape.id in page.things]
    return [text for _, text in sorted(drawn, key=lambda d: d[0])] + labels


def _rank(shape: Shape, page: sheet.Sheet) -> tuple[int, float]:
    name = kind(page.things[shape.id])
    if name in bpmn.CONTAINERS and shape.expanded:
        name = "container"
    place = ORDER.index(name) if name in ORDER else ORDER.index("node")
    return place, -shape.box.w * shape.box.h


def _told(things: Mapping[str, Node], page: sheet.Sheet, words: Mapping[str, str], lang: str) -> str:
    """Say each step's state in words, in the order of the file; the steps alone where no case has come."""
    colon, comma, left, right = JOINTS.get(lang, JOINTS["en"])
    parts = []
    for name, node in things.items():
        label = " ".join(page.names.get(name, "").split())
        if label and (kind(node) in bpmn.ACTIVITIES or (kind(node) in bpmn.EVENTS and name in page.states)):
            state = words.get(page.states.get(name, "wait"), words["wait"])
            note = f"{left}{page.notes[name]}{right}" if page.notes.get(name) else ""
            parts.append(f"{label}{colon}{state}{note}" if page.states else label)
    return comma.join(parts)
