"""A workbook that somebody sent, read row by row within bounds; nothing in it is run or followed.

It has passed the intake of files before (casework/files): no macros, no links to elsewhere, no bombs.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from casework.errors import NotYet
from casework.words import _

#: How much of a table is taken at once.
MAX_BYTES = 10 << 20
MAX_ROWS = 20_000
MAX_COLUMNS = 100
#: Bytes of a workbook's parts, unpacked: 20,000 rows of 25 columns need about 30 MB.
MAX_UNPACKED = 64 << 20
#: How far down the header is looked for: a title and a line of signatures often stand above it.
HEADER_WITHIN = 10
#: Rows that Excel knows of.
EXCEL_ROWS = 1_048_576

#: Rows with their numbers.
Rows: TypeAlias = list[tuple[int, list[Any]]]
_ODD = _("工作簿的结构无法读取，请用 Excel 或者 WPS 重新另存为 .xlsx。")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
#: A cell with contents right of column CV, the hundredth.
_BEYOND = re.compile(
    rb"<(?:\w+:)?c\b[^>]*\br\s*=\s*[\"'](?:C[W-Z]|[D-Z][A-Z]|[A-Z]{3})(\d{1,7})[\"'][^>]*(?<!/)>"
)
#: How Excel writes signs that XML cannot hold: _x000B_.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(rb"\br\s*=\s*[\"'](\d{1,12})[\"']")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref\s*=\s*[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")


class Unreadable(NotYet):
    """The workbook cannot be read as a table; the sentence says why (422)."""


@dataclass(frozen=True)
class Merge:
    """Cells merged into one, in rows and columns counted from 1."""

    ref: str
    rows: tuple[int, int]
    columns: tuple[int, int]


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula: what it once came to is not read."""

    text: str


@dataclass(frozen=True)
class Broken:
    """A cell that Excel could not work out: #REF!, #N/A."""

    text: str


@dataclass(frozen=True)
class Percent:
    """A number that is shown as per cent."""

    value: int | float


@dataclass
class Book:
    """The table of a workbook: rows from 1 on as (number, cells), its merges, what of it is hidden."""

    sheet: str
    #: the other sheets that are shown, which are not read
    others: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()
    #: columns counted from nought
    hidden_columns: frozenset[int] = frozenset()


def open_book(data: bytes, names: frozenset[str], has_table: Callable[[Rows], bool]) -> Book:
    """The sheet of one of these names, else the first with a table; Unreadable names the bound passed."""
    kind(data)
    _within_bounds(data)
    try:
        with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=False)) as book:
            shown: list[Any] = [one for one in book.worksheets if one.sheet_state == "visible"]
            if not shown:
                raise Unreadable(_("工作簿里没有可见的工作表。"))
            shown.sort(key=lambda one: one.title not in names)
            sheet = next((one for one in shown if has_table(list(_rows(one, HEADER_WITHIN)))), shown[0])
            found = Book(sheet.title, [one.title for one in shown if one is not sheet])
            _scan(data, sheet._worksheet_path, found)  # noqa: SLF001  no public name for the part
            found.rows = list(_rows(sheet))
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OSError) as error:
        raise Unreadable(_ODD) from error
    return found


def kind(data: bytes) -> None:
    """What only bears the name of a workbook is called what it is."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(_("工作簿设有打开密码。请在 Excel、WPS 中取消密码，另存后再上传。"))
        raise Unreadable(
            _("文件是旧版 Excel（.xls）或者 WPS（.et）格式，请在 Excel、WPS 中打开，另存为 .xlsx。")
        )
    if data.startswith(b"PK") and b"application/vnd.oasis.opendocument" in data[:200]:
        raise Unreadable(_("文件是 OpenDocument（.ods）表格，请在 Excel、WPS 中打开，另存为 .xlsx。"))
    if data and not data.startswith(b"PK"):
        raise Unreadable(
            _("文件的内容不是工作簿，像是文本（.csv）或者网页，请在 Excel、WPS 中打开，另存为 .xlsx。")
        )


def _within_bounds(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise Unreadable(_("不是有效的 .xlsx 工作簿。")) from error
    if total > MAX_UNPACKED:
        raise Unreadable(
            _(
                "工作簿解开后为 %(size)s MB，超过 %(limit)s MB；一次最多 %(rows)s 行，请分几次导入。",
                size=total >> 20,
                limit=MAX_UNPACKED >> 20,
                rows=f"{MAX_ROWS:,}",
            )
        )


def _scan(data: bytes, path: str, book: Book) -> None:
    """What openpyxl does not tell of a sheet it reads row by row: hidden rows, merged cells, wild numbers."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(path.lstrip("/"))
    hidden, last = set(), 0
    for found in _ROW.finditer(text):
        number = int(named[1]) if (named := _NUMBER.search(found[1])) else last + 1
        if not last < number <= EXCEL_ROWS:  # rows out of order would be passed over in silence
            raise Unreadable(_ODD)
        last = number
        if _HIDDEN.search(found[1]):
            hidden.add(number)
    book.hidden = frozenset(hidden)
    book.hidden_columns = frozenset(_hidden_columns(text))
    if beyond := _BEYOND.search(text):
        raise Unreadable(
            _(
                "第 %(row)s 行超过 %(limit)s 列，请删去多余的列。",
                row=beyond[1].decode(),
                limit=MAX_COLUMNS,
            )
        )
    for each in _MERGE.finditer(text):
        left, top, right, bottom = range_boundaries(each[1].decode())
        book.merges.append(Merge(each[1].decode(), (top or 1, bottom or 1), (left or 1, right or 1)))


def _hidden_columns(text: bytes) -> Iterator[int]:
    """Columns that are hidden, from nought; they stand before the rows."""
    for found in _COLUMN.finditer(text[: text.find(b"sheetData")]):
        bounds = [re.search(rb"\b" + name + rb"\s*=\s*[\"'](\d{1,5})", found[1]) for name in (b"min", b"max")]
        if _HIDDEN.search(found[1]) and bounds[0] and bounds[1]:
            yield from range(int(bounds[0][1]) - 1, min(int(bounds[1][1]), MAX_COLUMNS))


def _rows(sheet: Any, upto: int | None = None) -> Iterator[tuple[int, list[Any]]]:
    """Every row that is not blank, at most MAX_ROWS and a header; or those of the first `upto` rows."""
    count, blank = 0, None
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(max_row=upto, max_col=MAX_COLUMNS), start=1):
        if cells is blank:  # openpyxl fills a gap of a million rows with one and the same row
            continue
        row = [_value(cell) for cell in _trimmed(cells)]
        if not any(value is not None for value in row):
            blank = cells
            continue
        count += 1
        if count > MAX_ROWS + 10:
            raise Unreadable(_("超过 %(limit)s 行，请分几次导入。", limit=f"{MAX_ROWS:,}"))
        yield number, row


def _trimmed(cells: Any) -> Any:
    """Without the blank cells at its end."""
    last = len(cells)
    while last and cells[last - 1].value is None:
        last -= 1
    return cells[:last]


def _value(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Formula(str(getattr(value, "text", value)))
    if cell.data_type == "e":
        return Broken(str(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.number_format:
        return Percent(value)
    if isinstance(value, str):
        value = _ESCAPED.sub(_sign, value)
        return value if value.strip("\u3000 \t\r\n\u00a0") else None
    return value


def _sign(found: re.Match[str]) -> str:
    """The sign that was meant; half a pair stays as it is written."""
    number = int(found[1], 16)
    return found[0] if 0xD800 <= number <= 0xDFFF else chr(number)


def letter(column: int) -> str:
    """A, B, … AA of a column counted from 0."""
    return str(get_column_letter(column + 1))
