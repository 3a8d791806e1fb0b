"""What helps whoever fills in a table: lists to choose from, bounds, and a sentence beside the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from casework.words import say
from casework.workbooks.books import MAX_ROWS
from casework.workbooks.columns import EARLIEST, EPOCH, LATEST, Choice, Column, Day, Number, Text, YesNo

#: The longest that Excel shows: the head of a message, and the message.
HEAD, MESSAGE = 32, 255


def guide(table: Any, columns: Mapping[int, Column], lists: str, *, first: int = 2) -> None:
    """Give every column, by its place from nought, its list or bounds in the rows from `first` on.

    The words to choose from stand on the sheet `lists`.
    """
    listed = chosen(list(columns.values()))
    for place, column in columns.items():
        letter = get_column_letter(place + 1)
        _shape(table, letter, column)
        if column.shown:
            rule = DataValidation()
        elif column in listed:
            at = get_column_letter(listed.index(column) + 1)
            last = len(column.choices()) + 1
            rule = DataValidation("list", f"'{lists}'!${at}$2:${at}${last}")
        else:
            rule = _bounds(column)
        rule.allow_blank = True  # a blank that must not be is named when the table comes in
        _say(rule, column)
        rule.add(f"{letter}{first}:{letter}{first + MAX_ROWS - 1}")
        table.data_validations.append(rule)


def chosen(columns: Sequence[Column]) -> list[Column]:
    """The columns whose cells are chosen from a list."""
    return [column for column in columns if column.choices()]


def _shape(table: Any, letter: str, column: Column) -> None:
    """Blank cells take a text as a text (a code keeps its noughts) and a day as a day."""
    kinds = {Text: "@", Choice: "@", YesNo: "@", Day: "yyyy-mm-dd"}
    if shape := kinds.get(type(column)):
        table.column_dimensions[letter].number_format = shape


def _bounds(column: Column) -> DataValidation:
    if isinstance(column, Day):
        first, last = (str((day - EPOCH).days) for day in (EARLIEST, LATEST))
        # a warning only: 2026.3.5 and 2026年3月5日 are understood when the table comes in
        return DataValidation("date", first, last, operator="between", errorStyle="warning")
    if isinstance(column, Number):
        kind: Any = "decimal" if column.decimals else "whole"
        return DataValidation(kind, column.low, column.high, operator="between")
    if isinstance(column, Text):
        return DataValidation("textLength", str(column.longest), operator="lessThanOrEqual")
    return DataValidation()


def _say(rule: DataValidation, column: Column) -> None:
    """The sentence beside a cell that is chosen, and the one when something else is typed."""
    holds = say("只看，不导入") if column.shown else str(column.holds())
    told = [say("必填。") if column.required else "", str(column.about), holds]
    rule.promptTitle = rule.errorTitle = str(column.title)[:HEAD]
    rule.prompt = "\n".join(part for part in told if part)[:MESSAGE]
    rule.error = say("请填写：%(holds)s", holds=holds)[:MESSAGE]
    rule.showInputMessage, rule.showErrorMessage = True, rule.type is not None
