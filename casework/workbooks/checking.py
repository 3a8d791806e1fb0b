"""A table that came in, checked: which columns it has, and what every row says or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.errors import NotYet
from casework.words import Words, _, say_in, spoken_in
from casework.workbooks.books import (
    HEADER_WITHIN,
    MAX_ROWS,
    Book,
    Broken,
    Formula,
    Merge,
    Percent,
    Rows,
    letter,
)
from casework.workbooks.columns import Column, Joined, Wrong, bare, shorten

#: The column that a marked table has at its end: when it comes in again, nobody reads it.
MARK = _("差错")
#: The sheets that stand beside a table of ours.
BESIDE = (_("填写说明"), _("可选值"), _("差错清单"))
#: Rows under merged cells that are looked at; a table with more has to be unmerged first.
MOST_MERGED = 5 * MAX_ROWS


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell, or with the row as a whole (no column)."""

    column: Column | None
    letter: str
    says: Words

    def line(self, lang: str) -> str:
        """One sentence that names the column."""
        says = say_in(lang, self.says)
        if self.column is None:
            return says
        title = say_in(lang, self.column.title)
        return f"{self.letter} 列“{title}”：{says}" if lang == "zh" else f"{self.letter} {title}: {says}"

    def __str__(self) -> str:
        """The sentence in the reader's language."""
        return self.line(spoken_in())


@dataclass
class Line:
    """One row of the table: its number there, its cells as they are, what they say, and what is wrong."""

    number: int
    cells: list[Any]
    says: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Checked:
    """The table as a whole."""

    sheet: str
    header: int
    titles: list[str]
    #: the columns that are read, by their place
    columns: dict[int, Column]
    unknown: list[str]
    missing: list[Column]
    lines: list[Line] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    #: columns that are read although nobody sees them, and sheets that are not read
    hidden_columns: list[Column] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def fault(self, line: Line, name: str, says: Words) -> None:
        """Something the register says of a cell."""
        place, column = next(((i, c) for i, c in self.columns.items() if c.name == name), (0, None))
        line.faults.append(Fault(column, letter(place), says))


def check(book: Book, columns: Sequence[Column]) -> Checked:
    """Read every row below the header; NotYet where there is no table to read."""
    at, header = _header(book, columns)
    merged = _merged(book.merges, at)
    found = _matched(book, at, header, columns)
    for number, cells in book.rows:
        if number > at:
            found.lines.append(_line(number, cells, found, merged))
    if len(found.lines) > MAX_ROWS:
        raise NotYet(_("超过 %(limit)s 行，请分几次导入。", limit=f"{MAX_ROWS:,}"))
    if not found.lines:
        raise NotYet(_("表头下面没有内容。"))
    found.hidden = sorted(book.hidden & {line.number for line in found.lines})
    found.hidden_columns = [c for place, c in found.columns.items() if place in book.hidden_columns]
    ours = {say_in(lang, name) for lang in ("zh", "en") for name in BESIDE}
    found.others = [title for title in book.others if title not in ours]
    return found


def header(rows: Rows, columns: Sequence[Column]) -> tuple[int, list[Any]] | None:
    """The first of the upper rows with at least two titles we know, and half of those we need."""
    known = {name for column in columns for name in column.names()}
    need = max(2, sum(column.required for column in columns) // 2)
    for number, cells in rows[:HEADER_WITHIN]:
        if number <= HEADER_WITHIN and len({bare(str(c)) for c in cells if c is not None} & known) >= need:
            return number, cells
    return None


def _header(book: Book, columns: Sequence[Column]) -> tuple[int, list[Any]]:
    found = header(book.rows, columns)
    if found is not None:
        return found
    listed = _titles(column for column in columns if column.required)
    raise NotYet(
        _(
            "工作表“%(sheet)s”的前 %(n)s 行中没有找到表头。表头应有：%(titles)s。",
            sheet=book.sheet,
            n=HEADER_WITHIN,
            titles=listed,
        )
    )


def _titles(columns: Iterable[Column]) -> Joined:
    return Joined([column.title for column in columns])


def _matched(book: Book, at: int, header: list[Any], columns: Sequence[Column]) -> Checked:
    known = {name: column for column in columns for name in column.names()}
    titles = ["" if cell is None else " ".join(str(cell).split()) for cell in header]
    placed: dict[int, Column] = {}
    for place, title in enumerate(titles):
        column = known.get(bare(title)) if title else None
        if column is None:
            continue
        twice = next((p for p, c in placed.items() if c is column), None)
        if twice is not None:
            raise NotYet(
                _(
                    "表头“%(title)s”出现了两次（%(first)s 列和 %(second)s 列），请只保留一列。",
                    title=column.title,
                    first=letter(twice),
                    second=letter(place),
                )
            )
        placed[place] = column
    absent = [column for column in columns if column not in placed.values()]
    ours = {bare(say_in(lang, MARK)) for lang in ("zh", "en")}
    unknown = [
        f"{letter(i)} {shorten(title)}"
        for i, title in enumerate(titles)
        if title and i not in placed and bare(title) not in ours
    ]
    if needed := _titles(column for column in absent if column.required):
        lacks = _("缺少必须有的列：%(titles)s。", titles=needed)
        if unknown:
            listed = Joined(unknown)
            lacks = _(
                "缺少必须有的列：%(titles)s。表中有不认识的列：%(unknown)s；标题改过的，请改回下载表格中的标题。",
                titles=needed,
                unknown=listed,
            )
        raise NotYet(lacks)
    read = {place: column for place, column in placed.items() if not column.shown}
    missing = [column for column in absent if not column.shown]
    return Checked(book.sheet, at, titles, read, unknown, missing)


#: Merged cells by the rows they cover, and by their columns: only the first cell holds anything.
Merged = Mapping[int, list[tuple[range, str]]]


def _merged(merges: Sequence[Merge], header: int) -> Merged:
    rows: dict[int, list[tuple[range, str]]] = {}
    left = MOST_MERGED
    for merge in merges:
        first, last = merge.rows
        if last < header:
            continue  # a title above the table
        columns = range(merge.columns[0] - 1, merge.columns[1])
        left -= min(last - first, MAX_ROWS) + 1
        if left < 0:
            raise NotYet(_("表中合并单元格过多，请全部取消合并，逐行填写。"))
        for number in range(max(first, header), min(last, first + MAX_ROWS) + 1):
            rows.setdefault(number, []).append((columns, merge.ref))
    if touched := rows.get(header):
        raise NotYet(_("表头有合并单元格（%(ref)s），请取消合并，一列一个标题。", ref=touched[0][1]))
    return rows


def _line(number: int, cells: list[Any], found: Checked, merged: Merged) -> Line:
    line = Line(number, cells)
    joined = merged.get(number, ())
    for place, column in found.columns.items():
        cell = cells[place] if place < len(cells) else None
        try:
            _alone(place, joined)
            line.says[column.name] = _read(column, cell)
        except Wrong as wrong:
            line.faults.append(Fault(column, letter(place), wrong.says))
    return line


def _alone(place: int, joined: Sequence[tuple[range, str]]) -> None:
    if ref := next((ref for columns, ref in joined if place in columns), ""):
        raise Wrong(_("在合并单元格（%(ref)s）内，请取消合并并逐行填写。", ref=ref))


def _read(column: Column, cell: Any) -> Any:
    if cell is None:
        if column.required:
            raise Wrong(_("必填，现为空。"))
        return column.blank()
    if isinstance(cell, Formula):
        raise Wrong(_("是公式（%(given)s），请选择性粘贴为数值。", given=shorten(cell.text)))
    if isinstance(cell, Percent):
        raise Wrong(_("是百分数（%(given)s），请将单元格设为常规，填写数量本身。", given=f"{cell.value:.2%}"))
    if isinstance(cell, Broken):
        raise Wrong(_("是 Excel 的错误值 %(given)s。", given=cell.text))
    return column.read(cell)


def twice(lines: Sequence[Line], key: Callable[[Line], Any]) -> Iterator[tuple[Line, Line]]:
    """Rows that bear the same key as one before: the row and the first."""
    first: dict[Any, Line] = {}
    for line in lines:
        named = key(line)
        if named is None:
            continue
        if named in first:
            yield line, first[named]
        else:
            first[named] = line
