"""The table as it came in, with what is wrong marked in it: corrected there, it is sent in again."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter

from casework.words import say
from casework.workbooks.books import Broken, Formula, Percent
from casework.workbooks.checking import MARK, Checked, Line
from casework.workbooks.guides import guide
from casework.workbooks.writing import WRAP, cell, for_paper, head, list_sheet, text_cell

_WRONG = PatternFill("solid", fgColor="FFC7CE")
#: Blank rows that are kept, so that a row stands where it stood.
GAP = 1000


def marked(found: Checked, wrong: Sequence[Line]) -> bytes:
    """Every row in its place, wrong cells red, the last column says what is wrong; then one fault a line."""
    book = Workbook(write_only=True)
    _table(book.create_sheet(found.sheet[:31]), found)
    _faults(book.create_sheet(say("差错清单")), found, wrong)
    list_sheet(book.create_sheet(say("可选值")), list(found.columns.values()))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _table(sheet: Any, found: Checked) -> None:
    last = max(len(found.titles), *(len(line.cells) for line in found.lines))
    for place in range(last):
        width = found.columns[place].width if place in found.columns else 14
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    sheet.column_dimensions[get_column_letter(last + 1)].width = 60
    sheet.freeze_panes = f"A{found.header + 1}"
    for_paper(sheet)
    guide(sheet, found.columns, say("可选值"), first=found.header + 1)
    for _above in range(found.header - 1):
        sheet.append([])
    titles = [*found.titles, *[""] * (last - len(found.titles)), str(MARK)]
    sheet.append([head(sheet, title) for title in titles])
    at = found.header
    for line in found.lines:
        for _blank in range(line.number - at - 1 if line.number - at <= GAP else 0):
            sheet.append([])
        sheet.append(list(_row(sheet, line, last)))
        at = line.number
    sheet.auto_filter.ref = f"A{found.header}:{get_column_letter(last + 1)}{at}"


def _row(sheet: Any, line: Line, last: int) -> Iterator[Any]:
    """Its cells, those that are wrong in red, and what is wrong."""
    wrong = {column_index_from_string(fault.letter) - 1 for fault in line.faults if fault.column}
    for place in range(last):
        one = cell(sheet, _plain(line.cells[place]) if place < len(line.cells) else None)
        if place in wrong:
            one = one if hasattr(one, "fill") else _typed(sheet, one)
            one.fill = _WRONG
        yield one
    said = text_cell(sheet, "\n".join(str(fault) for fault in line.faults)) if line.faults else None
    if said is not None:
        said.alignment = WRAP
    yield said


def _typed(sheet: Any, value: Any) -> Any:
    """A number, a day or a blank as a cell that can bear a colour."""
    one = text_cell(sheet, "")
    one.number_format = "General"
    one.value = value
    return one


def _faults(sheet: Any, found: Checked, wrong: Sequence[Line]) -> None:
    """One fault a line: row, column, what stands there, what is wrong."""
    sheet.freeze_panes = "A2"
    for_paper(sheet)
    for letter, width in zip("ABCDE", (8, 8, 20, 30, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    titles = (say("行"), say("列"), say("列名"), say("表中内容"), say("差错"))
    sheet.append([head(sheet, title) for title in titles])
    for line in wrong:
        for fault in line.faults:
            place = column_index_from_string(fault.letter) - 1
            given = _plain(line.cells[place]) if fault.column and place < len(line.cells) else ""
            title = fault.column.title if fault.column else ""
            told = (fault.letter if fault.column else "", title, "" if given is None else given, fault.says)
            sheet.append([line.number, *(text_cell(sheet, each) for each in told)])


def _plain(value: Any) -> Any:
    if isinstance(value, Percent):
        return f"{value.value:.2%}"
    return value.text if isinstance(value, Formula | Broken) else value
