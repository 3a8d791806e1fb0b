"""Tables that go out and come in as Excel workbooks: columns with their types, reading, checking, writing."""

from casework.workbooks.books import MAX_BYTES, MAX_ROWS, Book, Merge, kind, open_book
from casework.workbooks.checking import Checked, Fault, Line, check, header
from casework.workbooks.columns import Choice, Column, Day, Number, Text, Wrong, YesNo
from casework.workbooks.marking import marked
from casework.workbooks.writing import Sheet, text_cell, workbook

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "Book",
    "Checked",
    "Choice",
    "Column",
    "Day",
    "Fault",
    "Line",
    "Merge",
    "Number",
    "Sheet",
    "Text",
    "Wrong",
    "YesNo",
    "check",
    "header",
    "kind",
    "marked",
    "open_book",
    "text_cell",
    "workbook",
]
