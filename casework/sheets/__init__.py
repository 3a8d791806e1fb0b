"""Tables that go out and come in as Excel workbooks: columns with their types, reading, checking, writing."""

from casework.sheets.books import MAX_BYTES, MAX_ROWS, Book, Merge, open_book
from casework.sheets.checking import Checked, Fault, Line, check
from casework.sheets.columns import Choice, Column, Day, Number, Text, Wrong, YesNo
from casework.sheets.writing import Sheet, text_cell, workbook, wrong_rows

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
    "open_book",
    "text_cell",
    "workbook",
    "wrong_rows",
]
