"""A drawing too large for one sheet of paper, cut into several that can be read: seen in print only."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from casework import xml
from casework.engine import diagram, layout, sheet
from casework.engine.diagram import Box, Diagram
from casework.engine.repair import repair

#: The most of the plane that a landscape sheet of A4 shows with letters of some eight points.
WIDE, TALL = 1250.0, 830.0
#: Wider than any step: pools and lanes, which say nothing on a sheet of their own.
BEHIND = WIDE / 2
#: How far a sheet reaches over into its neighbours: a step on a cut is whole on one of them.
OVER = 60.0


def of(data: bytes, drawn: str) -> str:
    """The sheets, row by row, of the file that was `drawn` on the same page; none where one is enough."""
    body = drawn.partition('<g id="')[2].partition('"')[0]
    return "".join(_sheet(cut, body) for cut in _cuts(data))


@lru_cache(maxsize=64)
def _cuts(data: bytes) -> tuple[Box, ...]:
    tree = repair(xml.read(data))
    laid = diagram.read(tree) or layout.lay(tree)
    left, top, wide, tall = sheet.extent(laid)
    columns, rows = ceil(wide / WIDE), ceil(tall / TALL)
    if columns * rows == 1:
        return ()
    w, h = wide / columns, tall / rows
    cuts = (Box(left + c * w, top + r * h, w, h) for r in range(rows) for c in range(columns))
    return tuple(cut for cut in cuts if _says(laid, cut))


def _sheet(cut: Box, body: str) -> str:
    x, y, w, h = cut.x - OVER, cut.y - OVER, cut.w + 2 * OVER, cut.h + 2 * OVER
    place = f'viewBox="{x:.0f} {y:.0f} {w:.0f} {h:.0f}"'
    return f'<svg class="sheet" {place} aria-hidden="true"><use href="#{body}"/></svg>'


def _says(laid: Diagram, cut: Box) -> bool:
    """Whether the middle of any step lies there."""
    middles = ((b.x + b.w / 2, b.y + b.h / 2) for b in (one.box for one in laid.shapes) if b.w < BEHIND)
    return any(cut.x <= x < cut.x + cut.w and cut.y <= y < cut.y + cut.h for x, y in middles)
