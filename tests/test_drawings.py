"""Every drawing of workflows/ is laid by hand, as one would print it and hang it on the wall."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from folders import BPMN, BPMNDI, DC, DI, folders, opened

from casework import xml
from casework.engine import picture, printed


def shapes(folder: Path) -> dict[str, tuple[float, float, float, float]]:
    tree = xml.read((folder / "process.bpmn").read_bytes())
    found = {}
    for shape in tree.iter(f"{BPMNDI}BPMNShape"):
        box = shape.find(f"{DC}Bounds")
        x, y, w, h = (float(box.get(k)) for k in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement")] = (x, y, x + w, y + h)
    return found


def lines(folder: Path) -> dict[str, list[tuple[float, float]]]:
    tree = xml.read((folder / "process.bpmn").read_bytes())
    return {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.iter(f"{DI}waypoint")]
        for edge in tree.iter(f"{BPMNDI}BPMNEdge")
    }


def within(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether one of two boxes, a subprocess, holds the other."""
    small, large = sorted((a, b), key=lambda box: box[2] - box[0])
    return large[0] < small[0] and large[1] < small[1] and small[2] < large[2] and small[3] < large[3]


@folders
def test_the_drawing_is_laid_by_hand_and_tidy(folder: Path) -> None:
    flow, boxes = opened(folder), shapes(folder)
    assert set(flow.elements) <= set(boxes)
    tree = xml.read((folder / "process.bpmn").read_bytes())
    pool = boxes[next(tree.iter(f"{BPMN}participant")).get("id")]
    # a sheet of A3; the whole of a tender is a frieze of such sheets, no emptier than the others
    assert 1200 <= pool[2] - pool[0] <= max(1900, 42 * len(flow.elements))
    for lane in tree.iter(f"{BPMN}lane"):
        x1, y1, x2, y2 = boxes[lane.get("id")]
        for ref in lane.iter(f"{BPMN}flowNodeRef"):
            a, b, c, d = boxes[ref.text]
            inside = x1 <= a and y1 <= b and c <= x2 and d <= y2
            assert inside, f"{ref.text} sticks out of its lane"
    solid = [e for e in flow.elements.values() if not e.attached]
    for one, other in itertools.combinations(solid, 2):
        a, b = boxes[one.id], boxes[other.id]
        apart = a[2] + 8 <= b[0] or b[2] + 8 <= a[0] or a[3] + 8 <= b[1] or b[3] + 8 <= a[1]
        assert apart or within(a, b), f"{one.id} and {other.id} lie on each other"


@folders
def test_no_line_is_slanted_and_no_two_lines_cross(folder: Path) -> None:
    segments = []
    for name, points in lines(folder).items():
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            assert x1 == x2 or y1 == y2, f"{name} is slanted"
            segments.append((name, min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    for one, other in itertools.combinations(segments, 2):
        if one[0] == other[0]:
            continue
        across, down = (one, other) if one[2] == one[4] else (other, one)
        if across[2] != across[4] or down[1] != down[3]:
            continue
        meet = across[1] < down[1] < across[3] and down[2] < across[2] < down[4]
        assert not meet, f"{one[0]} crosses {other[0]}"


@folders
def test_in_print_every_step_stands_whole_on_a_sheet(folder: Path) -> None:
    data = (folder / "process.bpmn").read_bytes()
    drawn = printed.of(data, picture.svg(data))
    cuts = [tuple(map(float, place.split())) for place in re.findall(r'"sheet" viewBox="([^"]+)"', drawn)]
    boxes = shapes(folder)
    for step in opened(folder).elements:
        x1, y1, x2, y2 = boxes[step]
        whole = [1 for x, y, w, h in cuts if x <= x1 and y <= y1 and x2 <= x + w and y2 <= y + h]
        assert whole or x2 - x1 > printed.BEHIND, f"{step} is cut through on every sheet"
    assert all(w <= 1400 for _x, _y, w, _h in cuts), "no sheet shows too much to be read"
    assert len(cuts) > 1
