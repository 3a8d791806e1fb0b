"""Tables as Excel workbooks: text stays text, numbers and days are typed, a second sheet explains."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from casework.words import Words, say
from casework.workbooks.columns import Column
from casework.workbooks.guides import chosen, guide

_BOLD, _SHADE = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
WRAP = Alignment(wrap_text=True, vertical="top")
#: Widths of the sheet that explains the columns.
EXPLAINED = (22, 14, 42, 62, 24)
#: What Excel's texts hold (the format's own limit).
LONGEST = 32_767


@dataclass(frozen=True)
class Sheet:
    """One table: its name, its columns, its rows as values in the order of the columns."""

    name: Words
    columns: Sequence[Column]
    #: whether it comes in again, so that its cells are guided
    comes_in: bool = False


def workbook(sheet: Sheet, rows: Iterable[Sequence[Any]], *, notes: Sequence[Words] = ()) -> bytes:
    """The table as .xlsx, written row by row: it may be long."""
    book = Workbook(write_only=True)
    table: Any = book.create_sheet(str(sheet.name)[:31])
    table.freeze_panes = "A2"
    for_paper(table)
    for place, column in enumerate(sheet.columns, start=1):
        table.column_dimensions[get_column_letter(place)].width = column.width
    if sheet.comes_in:
        guide(table, dict(enumerate(sheet.columns)), say("可选值"))
    table.append([head(table, _title(column)) for column in sheet.columns])
    for row in rows:
        table.append([cell(table, c.cell(value)) for c, value in zip(sheet.columns, row, strict=True)])
    table.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}1"
    _explain(book.create_sheet(say("填写说明")), sheet.columns, notes)
    if sheet.comes_in:
        list_sheet(book.create_sheet(say("可选值")), sheet.columns)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def for_paper(table: Any) -> None:
    """Printed it is as wide as the page, with its titles on each."""
    table.page_setup.orientation, table.page_setup.paperSize = "landscape", "9"  # A4
    table.page_setup.fitToHeight = 0
    table.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    table.print_title_rows = "1:1"


def list_sheet(sheet: Any, columns: Sequence[Column]) -> None:
    """The words that cells are chosen from, column by column."""
    listed = chosen(columns)
    for place, column in enumerate(listed, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(column.width, 16)
    sheet.freeze_panes = "A2"
    sheet.append([head(sheet, column.title) for column in listed])
    for words in zip_longest(*(column.choices() for column in listed), fillvalue=""):
        sheet.append([cell(sheet, str(each)) for each in words])


def text_cell(sheet: Worksheet, value: Any) -> Any:
    """A cell that holds a text and nothing else, even when it begins with = + - or @."""
    cell = WriteOnlyCell(sheet, "")
    cell.value = "".join(sign for sign in str(value) if sign >= " " or sign in "\n\t")[:LONGEST]
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def cell(sheet: Worksheet, value: Any) -> Any:
    """A value as it is written: numbers and days typed, everything else a text."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    if isinstance(value, date | int | float) and not isinstance(value, bool):
        return value
    if hasattr(value, "as_tuple"):  # a Decimal
        return value
    return text_cell(sheet, value)


def head(sheet: Worksheet, title: Any) -> Any:
    """A title."""
    made = text_cell(sheet, title)
    made.font, made.fill, made.alignment = _BOLD, _SHADE, WRAP
    return made


def _title(column: Column) -> str:
    """A title with the star of what is required."""
    return f"{column.title}{'*' if column.required else ''}"


def _explain(sheet: Any, columns: Sequence[Column], notes: Sequence[Words]) -> None:
    for_paper(sheet)
    for letter, width in zip("ABCDE", EXPLAINED, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    titles = (say("列"), say("必填"), say("说明"), say("可填内容"), say("举例"))
    head = [text_cell(sheet, title) for title in titles]
    for cell in head:
        cell.font, cell.fill = _BOLD, _SHADE
    sheet.append(head)
    for number, column in enumerate(columns, start=2):
        must = say("只看，不导入") if column.shown else say("是") if column.required else say("否")
        told = (column.title, must, column.about, column.holds(), "" if column.shown else column.sample())
        row = [text_cell(sheet, each) for each in told]
        for cell in row:
            cell.alignment = WRAP
        lines = max(ceil(_signs(str(each)) / width) for each, width in zip(told, EXPLAINED, strict=True))
        sheet.row_dimensions[number].height = 15 * max(lines, 1)
        sheet.append(row)
    for note in notes:
        sheet.append([])
        sheet.append([text_cell(sheet, note)])


def _signs(text: str) -> int:
    """How wide a text is: a Chinese sign takes the room of two letters."""
    return sum(2 if sign > "\u2e80" else 1 for sign in text)
