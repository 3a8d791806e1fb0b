"""Which column, lane and row each step of a drawing without a layout gets, and where that is on paper.

Steps stand in the column after the last step that leads to them; a flow over several columns gets a free cell
in each, so that it runs through no step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from casework.engine.diagram import Box, Diagram

GAP, ROW, MARGIN, CHANNEL = 56.0, 30.0, 26.0, 16.0


Link = tuple[str, str]


@dataclass(slots=True)
class Cell:
    """A step, or an empty place that keeps a long flow's way free."""

    id: str
    lane: int
    w: float = 0.0
    h: float = 0.0
    column: int = 0
    row: int = 0
    aside: bool = False  # only boundary events lead here: below the main way
    inner: Diagram | None = None
    left: float = 0.0  # of its column
    box: Box = field(default_factory=lambda: Box(0, 0, 0, 0))


def columns(cells: dict[str, Cell], links: list[Link]) -> set[Link]:
    """Put each step into the column after the last one that leads to it; give the links that lead back."""
    after: dict[str, list[str]] = {name: [] for name in cells}
    for a, b in links:
        after[a].append(b)
    entered = {b for _, b in links}
    back, done = _depth_first([n for n in cells if n not in entered] + list(cells), after)
    for name in reversed(done):
        for step in after[name]:
            if (name, step) not in back:
                cells[step].column = max(cells[step].column, cells[name].column + 1)
    return back


def _depth_first(order: list[str], after: dict[str, list[str]]) -> tuple[set[Link], list[str]]:
    """Walk every way once: the links that lead back to where the walk is, and the steps as they are left."""
    back: set[Link] = set()
    done: list[str] = []
    open_now: set[str] = set()
    seen: set[str] = set()
    for first in order:
        stack = [] if first in seen else [(first, iter(after[first]))]
        seen.add(first)
        open_now.add(first)
        while stack:
            name, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                open_now.discard(name)
                done.append(name)
            elif step in open_now:
                back.add((name, step))
            elif step not in seen:
                seen.add(step)
                open_now.add(step)
                stack.append((step, iter(after[step])))
        open_now.discard(first)
    return back, done


def settle(cells: dict[str, Cell], links: list[Link], home: dict[str, int]) -> None:
    """A step that the drafter put into no lane stands in the lane of the step before it."""
    for a, b in sorted(links, key=lambda link: cells[link[0]].column):
        if b not in home and home:
            cells[b].lane = cells[a].lane


def tracks(cells: dict[str, Cell]) -> dict[str, float]:
    """Say how far before its column the flows into a step turn, so that they do not lie on one another."""
    number: dict[int, int] = {}
    found = {}
    for cell in sorted(cells.values(), key=lambda c: (c.column, c.lane, c.row)):
        count = number.get(cell.column, 0)
        number[cell.column] = count + 1
        found[cell.id] = GAP / 2 + (count % 5 - 2) * 6.0
    return found


def reserve(cells: dict[str, Cell], links: list[Link]) -> dict[Link, list[str]]:
    """Keep a cell free in every column that a long flow crosses."""
    long: dict[Link, list[str]] = {}
    for a, b in links:
        for column in range(cells[a].column + 1, cells[b].column):
            name = f"{a}>{b}>{column}"
            if name not in cells:
                cells[name] = Cell(name, cells[b].lane, 0, 24, column)
                long.setdefault((a, b), []).append(name)
    return long


def rows(cells: dict[str, Cell], links: list[Link], lanes: int) -> list[int]:
    """Give each cell a row in its lane, near the rows it comes from; say how many rows each lane has."""
    before: dict[str, list[str]] = {}
    for a, b in links:
        chain = [
            a,
            *(n for c in range(cells[a].column + 1, cells[b].column) if (n := f"{a}>{b}>{c}") in cells),
            b,
        ]
        for left, right in pairwise(chain):
            before.setdefault(right, []).append(left)
    taken: set[tuple[int, int, int]] = set()
    for cell in sorted(cells.values(), key=lambda c: (c.column, c.aside)):
        near = sorted(cells[n].row for n in before.get(cell.id, ()) if cells[n].lane == cell.lane)
        row = near[len(near) // 2] if near else 0
        while (cell.lane, cell.column, row) in taken:
            row += 1
        cell.row = row
        taken.add((cell.lane, cell.column, row))
    return [max((c.row for c in cells.values() if c.lane == lane), default=0) + 1 for lane in range(lanes)]


def places(cells: dict[str, Cell], rows: list[int], channels: int) -> tuple[list[float], float]:
    """Turn columns and rows into coordinates."""
    widths = [0.0] * (max((c.column for c in cells.values()), default=0) + 1)
    highs = [[0.0] * count for count in rows]
    for cell in cells.values():
        widths[cell.column] = max(widths[cell.column], cell.w)
        highs[cell.lane][cell.row] = max(highs[cell.lane][cell.row], cell.h, 56.0)
    heights = [sum(high) + ROW * (len(high) - 1) + 2 * MARGIN for high in highs]
    tops = [sum(heights[:i]) + MARGIN for i in range(len(heights))]
    for cell in cells.values():
        x = GAP / 2 + sum(widths[: cell.column]) + GAP * cell.column + (widths[cell.column] - cell.w) / 2
        high = highs[cell.lane]
        y = tops[cell.lane] + sum(high[: cell.row]) + ROW * cell.row + (high[cell.row] - cell.h) / 2
        cell.left = GAP / 2 + sum(widths[: cell.column]) + GAP * cell.column
        cell.box = Box(x, y, cell.w, cell.h)
    heights[-1] += channels * CHANNEL + (MARGIN / 2 if channels else 0)
    return heights, sum(widths) + GAP * len(widths)
