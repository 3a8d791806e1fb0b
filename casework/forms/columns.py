"""The columns of a list and the heads above its rows: how wide, how set, what is said once only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from casework.forms import messages
from casework.forms.binding import Row
from casework.forms.layout import broad, dense, second
from casework.forms.pieces import Block, Computed, Head, Question
from casework.forms.profile import Component, Rows

#: A list with more rows than these, in groups, begins with its groups folded.
FOLDED = 20
#: A list of blocks with more rows than these begins with the rows folded that are filled in.
BLOCKS = 10
#: Columns that cannot be read at half the width of a phone: there they have a line of their own.
ROOMY = frozenset({"w-15", "w-18", "w-20", "w-24", "w-30"})


def width(each: Component) -> str:
    """How wide a column is, as a class of the stylesheet."""
    kind = each.kind
    return (each.properties.get("width") or (kind.width if kind else "")).replace(" mono", "")


def shape(each: Component) -> str:
    """How a column's cells are set: figures to the right, choices and long texts with room, what only some
    rows are asked apart.
    """
    found = ""
    if each.type == "number" or (each.type == "expression" and each.decimals is not None):
        found = "num" if each.type == "number" else "num ro"
    elif each.type in ("radio", "checklist", "textarea"):
        found = "long"
    elif each.type in ("expression", "checkbox"):
        found = "ro" if each.type == "expression" else "tick"
    elif each.type == "textfield" and not width(each):
        found = "text"
    return f"{found} more".strip() if second(each) else found


def arrange(block: Block, columns: Sequence[Component], rows: Rows) -> None:
    """Side by side; on a second line what only some rows are asked; each row a block where nothing fits."""
    block.dense, block.titled = dense(columns, rows), rows.title is not None
    block.cards = broad(columns, rows)
    if not block.dense and not block.cards:
        block.columns = [(*c[:3], c[3] or "text") if c[2] in ROOMY else c for c in block.columns]


def fold_filled(block: Block, columns: Sequence[Component]) -> None:
    """Of many blocks only those show whole in which something is missing or wrong."""
    if not block.cards or len(block.lines) <= BLOCKS:
        return
    needed = {each.key for each in columns if each.required and not each.hide}
    for line in block.lines:
        asked = [cell for cell, _id, _label in line.cells if isinstance(cell, Question)]
        texts = [cell.value for cell in asked if cell.type == "textfield" and cell.value]
        line.folds = " ".join(texts[:2])
        line.open = any(cell.error or (cell.key in needed and not _answered(cell)) for cell in asked)


def _answered(cell: Question) -> bool:
    return bool(cell.value or cell.files or any(choice.checked for choice in cell.choices))


def name_once(block: Block) -> None:
    """Marks the column that says what the row is called already; notes when names are short."""
    block.brief = all(len(line.title) <= 8 for line in block.lines)
    for place, column in enumerate(block.columns):
        cells = [(_reads(line.cells[place][0]), line.title) for line in block.lines]
        if cells and all(said and said in (title, title.partition(" ")[2]) for said, title in cells):
            block.columns[place] = (*column[:3], f"{column[3]} same".strip())
            block.named, block.titled = True, False


def _reads(cell: Question | Computed | None) -> str:
    """What a cell says that nobody can change."""
    return cell.value if isinstance(cell, Computed) or (cell and cell.readonly) else ""


def group(own: Component, given: Sequence[Row], block: Block, lang: str) -> None:
    """A head above the first row of each group, the group's mark on its rows."""
    if own.rows is None or own.rows.group is None:
        return
    unit = own.rows.unit.of(lang) or messages.around("row", lang)
    lines = iter(block.lines)
    for place, (label, rows) in enumerate(groupby(given, lambda row: row.group), start=1):
        mine = [next(lines) for _row in rows]
        says = messages.around("of.group", lang, n=len(mine), unit=unit)
        cells = (cell for line in mine for cell, _id, _label in line.cells)
        wrong = any(isinstance(cell, Question) and cell.error for cell in cells)
        mine[0].head = Head(label, says, f"{own.key}:g{place}", open=place == 1 or wrong)
        for line in mine:
            line.mark = f"g{place}"


def count(own: Component, block: Block) -> None:
    """Marks the cells that a button can fill: they say whether a row is done. A long list is folded."""
    block.folds = len(block.lines) > FOLDED and sum(line.head is not None for line in block.lines) > 1
    for line in block.lines:
        for cell, _id, _label in line.cells:
            if isinstance(cell, Question) and own.rows and cell.key == own.rows.fill_column:
                cell.needed = True
